package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Network.Place;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code describe MODEL --svg FILE}: the chain of a model as a picture, from the fields of a record
 * at the top to the heads at the bottom. It follows the reader's light or dark theme.
 */
final class ChainPicture {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 46;
  private static final int GAP = 22;
  private static final int MARGIN = 12;
  private static final int INDENT = 24;
  private static final int CHARACTERS = 108; // of the small font in a box

  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #1f2328; }
        .small { font-size: 11px; fill: #59636e; }
        .name { font-weight: 600; }
        .field, .head { fill: #f6f8fa; stroke: #59636e; }
        .layer { fill: #ddf4ff; stroke: #0969da; }
        .state { fill: #fff1e5; stroke: #bc4c00; }
        .flow { fill: none; stroke: #59636e; stroke-width: 1.5; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .small { fill: #9198a1; }
          .field, .head { fill: #161b22; stroke: #9198a1; }
          .layer { fill: #0d2847; stroke: #58a6ff; }
          .state { fill: #3b2010; stroke: #f0883e; }
          .flow { stroke: #9198a1; }
        }
      </style>
      """;

  private final RnnModel model;
  private final StringBuilder body = new StringBuilder();
  private int y = MARGIN;

  private ChainPicture(RnnModel model) {
    this.model = model;
  }

  /** The picture as an SVG document. */
  static String of(RnnModel model) {
    return new ChainPicture(model).svg();
  }

  private String svg() {
    List<String[]> fields = DescribeCommand.fields(model);
    for (String[] field : fields) {
      box("field", 0, field[0], field[1], false);
    }
    String input = model.input().describe();
    box("field", 0, model.input() instanceof ModelInput.Fields ? "x<t>" : "input", input, true);
    chain(-1);
    if (model.chain().isEmpty()) {
      box("state", 0, "step graph", String.join("; ", model.cellTypes()), true);
    }
    for (int h = 0; h < model.heads().size(); h++) {
      chain(h);
      String name = model.heads().get(h).name();
      List<String> labels = model.heads().get(h).labels();
      String of = labels.isEmpty() ? "" : ": " + String.join(", ", labels);
      box("head", 0, name.isEmpty() ? "y<t>" : name, DescribeCommand.outputs(model, h) + of, true);
    }
    String title = "Model " + model.name() + ", version " + model.version();
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
        + (WIDTH + 2 * MARGIN)
        + " "
        + (y + MARGIN)
        + "\" width=\""
        + (WIDTH + 2 * MARGIN)
        + "\" role=\"img\" aria-labelledby=\"t\">\n<title id=\"t\">"
        + escaped(title)
        + "</title>\n"
        + STYLE
        + body
        + "</svg>\n";
  }

  private void chain(int head) {
    for (Place place : model.chain()) {
      if (place.head() == head) {
        String kind = place.layer().stateSize() > 0 ? "state" : "layer";
        String source = DescribeCommand.source(model, place);
        List<String> said = new ArrayList<>(List.of(DescribeCommand.sizes(model, place)));
        if (!source.isEmpty()) {
          said.add(source);
        }
        box(kind, place.depth(), DescribeCommand.name(model, place), String.join(": ", said), true);
      }
    }
  }

  private void box(String kind, int depth, String name, String said, boolean follows) {
    int x = MARGIN + depth * INDENT;
    if (follows) {
      int middle = MARGIN + WIDTH / 2;
      body.append("<path class=\"flow\" d=\"M%d %d V%d\"/>\n".formatted(middle, y, y + GAP));
      y += GAP;
    }
    body.append(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>\n"
            .formatted(kind, x, y, WIDTH - depth * INDENT, HEIGHT));
    body.append(
        "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(x + MARGIN, y + 19, escaped(name)));
    body.append(
        "<text class=\"small\" x=\"%d\" y=\"%d\">%s</text>\n"
            .formatted(x + MARGIN, y + 36, escaped(said)));
    y += HEIGHT + (follows ? 0 : MARGIN / 2);
  }

  /** Text from a model file, which is untrusted, as XML. */
  private static String escaped(String text) {
    String line = Shown.line(text);
    String cut = line.length() > CHARACTERS ? line.substring(0, CHARACTERS - 1) + "…" : line;
    StringBuilder xml = new StringBuilder();
    cut.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                case '&' -> xml.append("&amp;");
                case '"' -> xml.append("&quot;");
                default -> {
                  boolean isSurrogate = c >= 0xD800 && c < 0xE000;
                  boolean isText = c >= ' ' && !isSurrogate && c != 0xFFFE && c != 0xFFFF;
                  xml.appendCodePoint(isText ? c : '?');
                }
              }
            });
    return xml.toString();
  }
}
