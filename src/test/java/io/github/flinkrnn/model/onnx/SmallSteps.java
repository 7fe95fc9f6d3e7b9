package io.github.flinkrnn.model.onnx;

import java.util.List;

/** Small graphs of one step that no built-in cell computes, of which a test changes one thing. */
public final class SmallSteps {
  private static final int FLOAT = 1;

  private SmallSteps() {}

  /** The nodes of h_out = Softsign(x + h), y = h_out - 1, on two units. */
  static OnnxBytes nodes() {
    return new OnnxBytes()
        .node(OnnxBytes.node("Add", "sum", List.of("x", "h"), "z"))
        .node(OnnxBytes.node("Softsign", "g", List.of("z"), "h_out"))
        .node(OnnxBytes.node("Sub", "head", List.of("h_out", "one"), "y"))
        .initializer(OnnxBytes.halves("one", 1, 2));
  }

  /** The same with its inputs and outputs. */
  static OnnxBytes softsign() {
    return nodes()
        .input("x", FLOAT, -1, 2)
        .input("h", FLOAT, -1, 2)
        .output("y", FLOAT, -1, 2)
        .output("h_out", FLOAT, -1, 2);
  }

  /** The model of {@link #softsign}. */
  public static byte[] softsignModel() {
    return OnnxBytes.model(softsign()).bytes();
  }

  /** A model whose step adds to h for ever. */
  public static byte[] endlessModel() {
    return OnnxBytes.model(endless()).bytes();
  }

  private static OnnxBytes endless() {
    OnnxBytes body =
        new OnnxBytes()
            .node(OnnxBytes.node("Identity", "", List.of("go"), "go_on"))
            .node(OnnxBytes.node("Add", "", List.of("v", "x"), "w"))
            .text(2, "body")
            .input("i", 7)
            .input("go", 9)
            .input("v", FLOAT, 1, 2)
            .output("go_on", 9)
            .output("w", FLOAT, 1, 2);
    return new OnnxBytes()
        .node(
            OnnxBytes.node("Loop", "for ever", List.of("trips", "", "h"), "h_out")
                .attribute("body", body))
        .node(OnnxBytes.node("Identity", "", List.of("h_out"), "y"))
        .initializer(OnnxBytes.integers("trips", Long.MAX_VALUE))
        .input("x", FLOAT, 1, 2)
        .input("h", FLOAT, 1, 2)
        .output("y", FLOAT, 1, 2)
        .output("h_out", FLOAT, 1, 2);
  }
}
