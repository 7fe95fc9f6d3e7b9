package io.github.flinkrnn.network;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * The size of a network that reads features and has a softmax of 8 outputs after its top layer.
 *
 * @param type rnn, gru or lstm
 * @param hidden n_a of every layer
 * @param input n_x
 */
public record NetworkSize(String type, int hidden, int input, int layers) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The number of outputs of every network. */
  public static final int OUTPUTS = 8;

  /** The sizes for the comparison of steps, small to large. */
  public static final List<NetworkSize> ALL =
      List.of(
          new NetworkSize("rnn", 64, 32, 1),
          new NetworkSize("gru", 64, 32, 1),
          new NetworkSize("lstm", 64, 32, 1),
          new NetworkSize("lstm", 128, 64, 1),
          new NetworkSize("gru", 128, 64, 2),
          new NetworkSize("lstm", 256, 128, 1),
          new NetworkSize("lstm", 512, 256, 2),
          new NetworkSize("lstm", 1024, 512, 1));

  /** The name in tables: {@code GRU 128/64 two layers}. */
  public String name() {
    String layersText = layers == 1 ? "" : layers == 2 ? " two layers" : " " + layers + " layers";
    return type.toUpperCase(Locale.ROOT) + " " + hidden + "/" + input + layersText;
  }

  /** The name on the command line, of a network of one layer: {@code gru-128-64}. */
  public String option() {
    return type + "-" + hidden + "-" + input;
  }

  /** The size in {@link #ALL} with this name. */
  public static NetworkSize named(String name) {
    return ALL.stream().filter(size -> size.name().equals(name)).findFirst().orElseThrow();
  }

  int gates() {
    return type.equals("rnn") ? 1 : type.equals("gru") ? 3 : 4;
  }

  int inputs(int layer) {
    return layer == 0 ? input : hidden;
  }

  /** Whether there is a cell state in addition to the hidden state. */
  public boolean hasCellState() {
    return type.equals("lstm");
  }

  /** The number of floats that a sequence keeps. */
  public int stateSize() {
    return (hasCellState() ? 2 : 1) * layers * hidden;
  }
}
