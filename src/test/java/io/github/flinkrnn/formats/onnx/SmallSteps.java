package io.github.flinkrnn.formats.onnx;

import java.util.List;

/** Small graphs of one step that no built-in cell computes. A test changes one thing. */
public final class SmallSteps {
  private static final int FLOAT = 1;

  private SmallSteps() {}

  /** The nodes of h_out = Softsign(x + h), y = h_out - 1, with two units. */
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

  /** A model of h_out = h + E[x], y = h_out, where E has three rows of 0.5. */
  public static byte[] tableModel() {
    return OnnxBytes.model(
            one()
                .node(OnnxBytes.node("Cast", "", List.of("x"), "id").attribute("to", 7))
                .node(OnnxBytes.node("Gather", "category", List.of("E", "id"), "e"))
                .node(OnnxBytes.node("Reshape", "", List.of("e", "shape"), "z"))
                .node(OnnxBytes.node("Add", "", List.of("h", "z"), "h_out"))
                .node(OnnxBytes.node("Identity", "", List.of("h_out"), "y"))
                .initializer(OnnxBytes.halves("E", 3, 1))
                .initializer(OnnxBytes.integers("shape", 1, 1)))
        .bytes();
  }

  /** A model of h_out = h + 1 / x, y = h_out. Its trial uses x = 0. */
  public static byte[] reciprocalModel() {
    return OnnxBytes.model(
            one()
                .node(OnnxBytes.node("Reciprocal", "", List.of("x"), "z"))
                .node(OnnxBytes.node("Add", "", List.of("h", "z"), "h_out"))
                .node(OnnxBytes.node("Identity", "", List.of("h_out"), "y")))
        .bytes();
  }

  /** A model of h_out = h + x, y = softmax(h_out), for one-hot vectors of two words. */
  public static byte[] softmaxOfWordsModel() {
    return OnnxBytes.model(
            new OnnxBytes()
                .input("x", FLOAT, 1, 2)
                .input("h", FLOAT, 1, 2)
                .output("y", FLOAT, 1, 2)
                .output("h_out", FLOAT, 1, 2)
                .node(OnnxBytes.node("Add", "", List.of("h", "x"), "h_out"))
                .node(OnnxBytes.node("Softmax", "", List.of("h_out"), "y").attribute("axis", 1)))
        .bytes();
  }

  /**
   * A model of y = Softsign(x), n_out = n, where n is a state of {@code count} numbers of a type.
   */
  public static byte[] keepModel(int type, int count) {
    return OnnxBytes.model(
            new OnnxBytes()
                .input("x", FLOAT, 1, 1)
                .input("n", type, count)
                .output("y", FLOAT, 1, 1)
                .output("n_out", type, count)
                .node(OnnxBytes.node("Softsign", "", List.of("x"), "y"))
                .node(OnnxBytes.node("Identity", "", List.of("n"), "n_out")))
        .bytes();
  }

  /** A model of y = Softsign(x), n_out = 10 n, where n is a state of one number of a type. */
  public static byte[] growModel(int type) {
    return OnnxBytes.model(
            new OnnxBytes()
                .input("x", FLOAT, 1, 1)
                .input("n", type, 1)
                .output("y", FLOAT, 1, 1)
                .output("n_out", type, 1)
                .node(OnnxBytes.node("Softsign", "", List.of("x"), "y"))
                .node(OnnxBytes.node("Cast", "", List.of("ten"), "t").attribute("to", type))
                .node(OnnxBytes.node("Mul", "", List.of("n", "t"), "n_out"))
                .initializer(OnnxBytes.integers("ten", 10)))
        .bytes();
  }

  /** One number as the input, and one number of state, which is the output. */
  private static OnnxBytes one() {
    return new OnnxBytes()
        .input("x", FLOAT, 1, 1)
        .input("h", FLOAT, 1, 1)
        .output("y", FLOAT, 1, 1)
        .output("h_out", FLOAT, 1, 1);
  }

  /** A model whose step adds to h forever. */
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
