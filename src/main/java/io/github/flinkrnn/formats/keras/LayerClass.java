package io.github.flinkrnn.formats.keras;

/** The supported classes of layers with an effect on inference. */
enum LayerClass {
  EMBEDDING("Embedding", 0),
  SIMPLE_RNN("SimpleRNN", 1),
  GRU("GRU", 3),
  LSTM("LSTM", 4),
  DENSE("Dense", 0),
  BATCH_NORM("BatchNormalization", 0),
  LAYER_NORM("LayerNormalization", 0),
  RMS_NORM("RMSNormalization", 0),
  CONV("Conv1D", 0),
  ACTIVATION("Activation", 0);

  private final String className;
  private final int gates;

  LayerClass(String className, int gates) {
    this.className = className;
    this.gates = gates;
  }

  String className() {
    return className;
  }

  /** The number of column blocks in the kernel of a recurrent layer; 0 for other layers. */
  int gates() {
    return gates;
  }

  boolean isNorm() {
    return this == BATCH_NORM || this == LAYER_NORM || this == RMS_NORM;
  }

  boolean isRecurrent() {
    return gates > 0;
  }
}
