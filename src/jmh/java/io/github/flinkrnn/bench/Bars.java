package io.github.flinkrnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Groups of horizontal bars, as SVG. It has no background, and its colours change with the theme of
 * the reader.
 */
final class Bars {
  private static final int WIDTH = 760;
  private static final int MARGIN = 8;
  private static final int LEFT = 210;
  private static final int RIGHT = 70;
  private static final int LEGEND_GAP = 36; // the square, too
  private static final int LETTER = 7;
  private static final int BAR = 14;
  private static final int GAP = 8;
  private static final int TITLE = 34;

  private static final String STYLE =
      """
      <style>
        text { font: 12px system-ui, sans-serif; fill: #1f2328; }
        .title { font-weight: 600; font-size: 14px; }
        .series0 { fill: #0969da; } .series1 { fill: #bc4c00; } .series2 { fill: #6e7781; }
        .series3 { fill: #8250df; } .series4 { fill: #1a7f37; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .series0 { fill: #58a6ff; } .series1 { fill: #f0883e; } .series2 { fill: #8b949e; }
          .series3 { fill: #a371f7; } .series4 { fill: #3fb950; }
        }
      </style>
      """;

  private record Group(String name, double[] numbers) {}

  private final String title;
  private final String unit;
  private final List<String> series;
  private final List<Group> groups = new ArrayList<>();

  /**
   * @param unit printed after each number
   * @param series the names of the bars in each group
   */
  Bars(String title, String unit, List<String> series) {
    this.title = title;
    this.unit = unit;
    this.series = series;
  }

  /** Adds a group with a number for each series; NaN for one that has no bar. */
  void add(String name, double... numbers) {
    groups.add(new Group(name, numbers));
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  private int height() {
    int legend = series.size() > 1 ? BAR + GAP : 0;
    return TITLE + legend + groups.size() * (series.size() * BAR + GAP) + GAP;
  }

  /** One picture of these panels, one below the other. */
  static String svg(List<Bars> panels) {
    int height = panels.stream().mapToInt(Bars::height).sum();
    StringBuilder svg = new StringBuilder();
    append(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\">%n",
        WIDTH,
        height,
        WIDTH);
    svg.append(STYLE);
    int top = 0;
    for (Bars panel : panels) {
      panel.draw(svg, top);
      top += panel.height();
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg, int top) {
    append(
        svg,
        "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>%n",
        MARGIN,
        top + 22,
        escaped(title));
    int y = top + TITLE;
    if (series.size() > 1) {
      int x = MARGIN;
      for (int i = 0; i < series.size(); i++) {
        append(
            svg,
            "<rect class=\"series%d\" x=\"%d\" y=\"%d\" width=\"10\" height=\"10\"/>"
                + "<text x=\"%d\" y=\"%d\">%s</text>%n",
            i,
            x,
            y,
            x + 15,
            y + 10,
            escaped(series.get(i)));
        x += LEGEND_GAP + LETTER * series.get(i).length();
      }
      y += BAR + GAP;
    }
    double most = largest();
    for (Group group : groups) {
      int middle = y + series.size() * BAR / 2 + 4;
      append(
          svg,
          "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
          LEFT - 8,
          middle,
          escaped(group.name()));
      for (int i = 0; i < group.numbers().length; i++) {
        if (!Double.isNaN(group.numbers()[i])) {
          bar(svg, i, y, group.numbers()[i], most);
        }
        y += BAR;
      }
      y += GAP;
    }
  }

  private void bar(StringBuilder svg, int series, int y, double number, double most) {
    double width = (WIDTH - LEFT - RIGHT) * number / most;
    append(
        svg,
        "<rect class=\"series%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
            + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
        series,
        LEFT,
        y,
        width,
        BAR - 2,
        LEFT + width + 5,
        y + BAR - 3,
        text(number) + unit);
  }

  private double largest() {
    double largest = 1e-9;
    for (Group group : groups) {
      for (double number : group.numbers()) {
        largest = number > largest ? number : largest; // not NaN
      }
    }
    return largest;
  }

  private static String text(double number) {
    return String.format(
        Locale.ROOT, number < 10 ? "%.2f" : number < 100 ? "%.1f" : "%.0f", number);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static void append(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments).replace("\r", ""));
  }
}
