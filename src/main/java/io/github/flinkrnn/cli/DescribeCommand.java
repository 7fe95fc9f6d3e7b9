package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.Network.Place;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.operator.RnnFunction;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** {@code describe MODEL}: shows what was read from a model directory. */
final class DescribeCommand {
  private final RnnModel model;
  private final PrintStream out;

  DescribeCommand(RnnModel model, PrintStream out) {
    this.model = model;
    this.out = out;
  }

  void run() {
    say("model", model.name() + ", version " + model.version());
    say("input", model.input().describe());
    for (String[] field : fields(model)) {
      say("  " + field[0], field[1]);
    }
    say("cells", String.join("; ", model.cellTypes()));
    chain(-1, "");
    List<Head> heads = model.heads();
    for (int h = 0; h < heads.size(); h++) {
      String name = heads.get(h).name().isEmpty() ? "" : heads.get(h).name() + ": ";
      chain(h, heads.get(h).name().isEmpty() ? "" : "  ");
      say("outputs", name + outputs(model, h));
      List<String> labels = heads.get(h).labels();
      say("labels", name + (labels.isEmpty() ? "none" : String.join(", ", labels)));
    }
    say("parameters", "%,d", model.parameters());
    if (!model.weights().isEmpty()) {
      say("weights", model.weights());
    }
    int floats = model.stateSize();
    if (model.input() instanceof ModelInput.Fields fields) {
      floats += fields.memorySize();
    }
    if (model.bidirectionalLayers() > 0) {
      lookAhead();
    } else {
      int bytes = RnnFunction.stateBytes(floats);
      say("state", "%,d floats per key, %,d bytes serialized", floats, bytes);
    }
    say("step", "%,d multiply-adds, kernel %s", model.multiplyAdds(), model.kernel());
    if (model.tableBytes() > 0) {
      boolean ofFields = model.input() instanceof ModelInput.Fields;
      String what = ofFields ? "categories" : "words";
      say("table", "%,d bytes for the input products of all %s", model.tableBytes(), what);
    }
    if (model.fixedSteps() > 0 && model.bidirectionalLayers() == 0) {
      say("steps", ModelLines.steps(model.fixedSteps(), "a job carries the state"));
    }
    for (Part part : model.parts()) {
      if (part.layer() == null || model.chain().isEmpty()) {
        say(part.name(), part.source());
      }
    }
  }

  /** How long a prediction waits, and what is kept meanwhile. */
  private void lookAhead() {
    int layers = model.bidirectionalLayers();
    String option = "sequence.look_ahead";
    if (model.readsFinal()) {
      say("delay", "one prediction a sequence, at its end; " + option + ": end");
    } else {
      say(
          "delay",
          "a prediction waits for "
              + option
              + (layers == 1 ? " tokens" : " × " + layers + " tokens")
              + ", or for the end of the sequence");
    }
    int reserved =
        1 + (model.input() instanceof ModelInput.Fields fields ? fields.memorySize() : 0);
    try (LookAheadStepper none = model.lookAhead(0, reserved);
        LookAheadStepper one = model.lookAhead(1, reserved)) {
      int floats = none.mostKept();
      say(
          "state",
          "%,d floats per key, %,d bytes serialized; and for each token of look_ahead %s"
              + " and %s",
          floats,
          RnnFunction.stateBytes(floats),
          floats(one.mostKept() - floats),
          model.readsFinal() || layers == 1 ? "a token" : layers + " tokens");
    }
  }

  /** A line for each layer before the heads, or of a head. */
  private void chain(int head, String indent) {
    for (Place place : model.chain()) {
      if (place.head() == head) {
        String source = source(model, place);
        say(
            indent + "  ".repeat(place.depth()) + name(model, place),
            sizes(model, place) + (source.isEmpty() ? "" : ": " + source));
      }
    }
  }

  /** The name and the description of each field of the input. */
  static List<String[]> fields(RnnModel model) {
    return model.input() instanceof ModelInput.Fields input
        ? input.fields().stream().map(field -> row(field, input)).toList()
        : List.of();
  }

  private static String[] row(InputField field, ModelInput.Fields input) {
    int width = input.parts().get(input.fields().indexOf(field)).width();
    return new String[] {field.name(), field.describe() + "; " + width + " of x<t>"};
  }

  /** The outputs of a head and their activation. */
  static String outputs(RnnModel model, int h) {
    Head head = model.heads().get(h);
    String unscaled = head.unscale() == null ? "" : ", unscaled";
    return head.size() + ", " + model.activationName(h) + unscaled;
  }

  /** The name of a layer in the weights file, or its type. */
  static String name(RnnModel model, Place place) {
    Part part = part(model, place);
    return part == null ? "layer" : part.name();
  }

  /** The tensors of a layer. */
  static String source(RnnModel model, Place place) {
    Part part = part(model, place);
    return part == null ? "" : part.source();
  }

  @SuppressWarnings("ReferenceEquality") // layers have no equality of content
  private static Part part(RnnModel model, Place place) {
    for (Part part : model.parts()) {
      if (part.layer() != null && part.layer() == place.layer().described()) {
        return part;
      }
    }
    return null;
  }

  /** Type, sizes, weights, state and delay of a layer. */
  static String sizes(RnnModel model, Place place) {
    Part part = part(model, place);
    Layer layer = place.layer();
    String state = layer.stateSize() == 0 ? "no state" : "state of " + layer.stateSize();
    String back = layer.lookBack() == 0 ? "" : ", looks " + layer.lookBack() + " tokens back";
    return String.format(
        Locale.ROOT,
        "%s, %,d to %,d, %,d parameters, %s%s, %s",
        layer.type(),
        layer.inputSize(),
        layer.outputSize(),
        part == null ? 0 : part.parameters(),
        state,
        back,
        delay(layer));
  }

  private static String floats(int count) {
    return count == 1 ? "a float" : String.format(Locale.ROOT, "%,d floats", count);
  }

  private static String delay(Layer layer) {
    if (layer instanceof Bidirectional both) {
      return both.readsFinal() ? "at the end of the sequence" : "look_ahead tokens later";
    }
    return "no delay";
  }

  private void say(String what, String detail) {
    out.printf("%-14s %s%n", Shown.line(what), Shown.line(detail));
  }

  private void say(String what, String format, Object... values) {
    say(what, String.format(Locale.ROOT, format, values));
  }
}
