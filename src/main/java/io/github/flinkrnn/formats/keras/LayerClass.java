package io.github.flinkrnn.formats.keras;

/** The layers that are read. */
enum LayerClass {
  EMBEDDING("Embedding", 0),
  SIMPLE_RNN("SimpleRNN", 1),
  GRU("GRU", 3),
  LSTM("LSTM", 4),
  DENSE("Dense", 0);

  private final String className;
  private final int gates;

  LayerClass(String className, int gates) {
    this.className = className;
    this.gates = gates;
  }

  String className() {
    return className;
  }

  /** How many blocks of columns a recurrent layer's kernel has; 0 for another layer. */
  int gates() {
    return gates;
  }

  boolean isRecurrent() {
    return gates > 0;
  }
}
