package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.operator.RnnFunction;
import java.io.PrintStream;
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
    say("cells", String.join("; ", model.cellTypes()));
    say("outputs", model.outputSize() + ", " + model.activationName());
    say("labels", model.labels().isEmpty() ? "none" : String.join(", ", model.labels()));
    say("parameters", "%,d", model.parameters());
    int floats = model.stateSize();
    int bytes = RnnFunction.stateBytes(floats);
    say("state", "%,d floats per key, %,d bytes serialized", floats, bytes);
    say("step", "%,d multiply-adds, kernel %s", model.multiplyAdds(), model.kernel());
    if (model.tableBytes() > 0) {
      say("table", "%,d bytes for the input products of all words", model.tableBytes());
    }
    if (model.fixedSteps() > 0) {
      say("steps", ModelLines.steps(model.fixedSteps(), "a job carries the state"));
    }
    for (Part part : model.parts()) {
      say(part.name(), part.source());
    }
  }

  private void say(String what, String detail) {
    out.printf("%-14s %s%n", Shown.line(what), Shown.line(detail));
  }

  private void say(String what, String format, Object... values) {
    say(what, String.format(Locale.ROOT, format, values));
  }
}
