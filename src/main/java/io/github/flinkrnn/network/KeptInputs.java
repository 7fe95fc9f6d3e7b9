package io.github.flinkrnn.network;

import java.util.Arrays;

/**
 * The floats that are kept of a sequence between two tokens:
 *
 * <pre>
 * reserved for the caller · how many inputs of each stage · states · inputs, top stage first
 * </pre>
 *
 * @param below the network below the first stage; null for none
 * @param widths the length of an input of each stage
 * @param reserved the number of floats for the caller
 * @param least the number of floats without inputs
 */
record KeptInputs(
    Network below, BidirectionalStage[] stages, int[] widths, int reserved, int least) {
  static KeptInputs of(BidirectionalNetwork network, boolean ofWords, int reserved) {
    BidirectionalStage[] stages = network.stages().toArray(BidirectionalStage[]::new);
    Network below = network.below();
    int[] widths = new int[stages.length];
    int width = below != null ? below.hiddenSize() : ofWords ? 1 : network.inputSize();
    for (int l = 0; l < stages.length; l++) {
      widths[l] = width;
      width = stages[l].outputSize();
    }
    int least = reserved + stages.length + network.stateSize();
    return new KeptInputs(below, stages, widths, reserved, least);
  }

  /** The number of floats if so many inputs of each stage are kept. */
  int with(int inputs) {
    return (int)
        Math.min(Integer.MAX_VALUE, least + inputs * Arrays.stream(widths).asLongStream().sum());
  }

  /** The length of an input of a stage. */
  int width(int stage) {
    return widths[stage];
  }

  /** Where the states begin. */
  int statesAt() {
    return reserved + stages.length;
  }

  /** How many inputs of a stage are kept: an integer in the bits of a float. */
  int waiting(float[] kept, int stage) {
    return Float.floatToRawIntBits(kept[reserved + stage]);
  }

  /** Whether floats can be what is kept of a sequence. */
  boolean fits(float[] kept) {
    if (kept.length < least) {
      return false;
    }
    long floats = least;
    for (int l = 0; l < stages.length; l++) {
      int waiting = waiting(kept, l);
      if (waiting < 0) {
        return false;
      }
      floats += (long) waiting * widths[l];
    }
    return floats == kept.length;
  }
}
