package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.Arrays;

/**
 * A bidirectional layer, and the layers between it and the next one.
 *
 * @param forward a network of the forward cell; null for none
 * @param backward a network of the backward cell
 * @param join how their outputs are joined
 * @param readsFinal whether the output is one vector for the whole sequence
 * @param above a network of the layers above; null for none
 */
record BidirectionalStage(
    Network forward, Network backward, Join join, boolean readsFinal, Network above) {

  /** The length of the joined outputs. */
  int joinedSize() {
    boolean both = forward != null && join == Join.CONCATENATE;
    return backward.hiddenSize() + (both ? forward.hiddenSize() : 0);
  }

  int outputSize() {
    return above == null ? joinedSize() : above.hiddenSize();
  }

  int stateSize() {
    return size(forward) + size(above);
  }

  private static int size(Network network) {
    return network == null ? 0 : network.stateSize();
  }

  /**
   * @param ofTokens whether the inputs are those of the network, and not outputs of a layer
   * @param ofWords whether the inputs are words
   * @param skipsPadding whether a step without a finite result is one of padding, which the ends of
   *     a sequence do not read; otherwise they have no output then
   */
  Stepper stepper(boolean ofTokens, boolean ofWords, boolean skipsPadding) {
    return new Stepper(ofTokens, ofWords, skipsPadding);
  }

  /**
   * Positions of one sequence that are computed together. Position 0 is the first one that is not
   * decided.
   */
  static final class Chain {
    float[][] inputs; // those of the first {@code length} are used
    int length; // the backward cell begins at the last of these positions
    int decided; // the output of so many positions is computed, from the first on
    boolean lastOnly; // only the output of the last of them is needed
    float[] forward; // the state before position 0, and then after the last decided one
    float[] above; // the same for the layers above
    private float[] forwardSpare;
    private float[] aboveSpare;
    private float[] backward;
    private float[] backwardSpare;
    private boolean skips; // some step had no finite result
    float[][] outputs;

    Chain(BidirectionalStage stage) {
      backward = new float[size(stage.backward)];
      backwardSpare = new float[backward.length];
      forward = new float[size(stage.forward)];
      forwardSpare = new float[forward.length];
      above = new float[size(stage.above)];
      aboveSpare = new float[above.length];
    }
  }

  /** Computes chains of different sequences, with its working memory. */
  final class Stepper {
    /** How many products are computed together, unless there are more sequences. */
    private static final int COLUMNS = 256;

    private final boolean ofTokens;
    private final boolean skipsPadding;
    private final boolean ofWords;
    private final SplitStepper forwards;
    private final SplitStepper backwards;
    private final Network.Stepper aboves;
    private final Room forwardSums;
    private final Room backwardSums;
    private float[][] inputs = {};
    private int[] words = {};
    // Of the sequences that take a step together.
    private Chain[] active = {};
    private float[][] sums = {};
    private float[][] previous = {};
    private float[][] next = {};

    private Stepper(boolean ofTokens, boolean ofWords, boolean skipsPadding) {
      this.skipsPadding = skipsPadding;
      this.ofTokens = ofTokens;
      this.ofWords = ofWords;
      forwards = forward == null ? null : (SplitStepper) forward.stepper();
      backwards = (SplitStepper) backward.stepper();
      aboves = above == null ? null : above.stepper();
      forwardSums = new Room(forward == null ? 0 : forwards.productSize());
      backwardSums = new Room(backwards.productSize());
    }

    /** Computes the outputs of chains, and the states after them. */
    void compute(int count, Chain[] chains) {
      if (active.length < count) {
        active = new Chain[count];
        sums = new float[count][];
        previous = new float[count][];
        next = new float[count][];
      }
      for (int c = 0; c < count; c++) {
        Chain chain = chains[c];
        chain.lastOnly &= above == null;
        boolean isOne = readsFinal || chain.lastOnly;
        chain.outputs = new float[isOne ? 1 : chain.decided][joinedSize()];
        Arrays.fill(chain.backward, 0);
        chain.skips = false;
      }
      if (forward != null) {
        sweep(count, chains, true);
      }
      joinFinal(count, chains, true);
      sweep(count, chains, false);
      joinFinal(count, chains, false);
      if (above != null) {
        stepAbove(count, chains);
      }
    }

    private int steps(Chain chain, boolean isForward) {
      if (isForward) {
        return chain.decided;
      }
      return chain.lastOnly && !readsFinal ? 1 : chain.length;
    }

    private int position(Chain chain, boolean isForward, int step) {
      return isForward ? step : chain.length - 1 - step;
    }

    /** Takes the steps of one direction. */
    private void sweep(int count, Chain[] chains, boolean isForward) {
      SplitStepper stepper = isForward ? forwards : backwards;
      int begun = 0;
      while (true) {
        int end = begun;
        int columns = 0;
        for (int more = 1; more > 0 && columns < COLUMNS; ) {
          more = activate(count, chains, isForward, end);
          gather(more, isForward, end, columns);
          columns += more;
          end += more > 0 ? 1 : 0;
        }
        if (columns == 0) {
          return;
        }
        float[][] products = (isForward ? forwardSums : backwardSums).of(columns);
        if (ofWords) {
          stepper.products(columns, words, products);
        } else {
          stepper.products(columns, inputs, products);
        }
        int at = 0;
        for (; begun < end; begun++) {
          int together = activate(count, chains, isForward, begun);
          for (int i = 0; i < together; i++) {
            Chain chain = active[i];
            sums[i] = products[at + i];
            previous[i] = isForward ? chain.forward : chain.backward;
            next[i] = isForward ? chain.forwardSpare : chain.backwardSpare;
          }
          if (begun == 0 && !isForward) {
            stepper.stepEachFromZero(together, sums, previous, next);
          } else {
            stepper.stepEachFrom(together, sums, previous, next);
          }
          for (int i = 0; i < together; i++) {
            finish(active[i], isForward, begun);
          }
          at += together;
        }
      }
    }

    /** Finds the chains that take a step. Returns how many. */
    private int activate(int count, Chain[] chains, boolean isForward, int step) {
      int some = 0;
      for (int c = 0; c < count; c++) {
        if (step < steps(chains[c], isForward)) {
          active[some++] = chains[c];
        }
      }
      return some;
    }

    private void gather(int some, boolean isForward, int step, int at) {
      int needed = at + some;
      if (ofWords && words.length < needed) {
        words = Arrays.copyOf(words, 2 * needed);
      } else if (!ofWords && inputs.length < needed) {
        inputs = Arrays.copyOf(inputs, 2 * needed);
      }
      for (int i = 0; i < some; i++) {
        float[] input = active[i].inputs[position(active[i], isForward, step)];
        if (ofWords) {
          words[at + i] = Float.floatToRawIntBits(input[0]);
        } else {
          inputs[at + i] = input;
        }
      }
    }

    /** Keeps the result of a step, unless it is not finite. */
    private void finish(Chain chain, boolean isForward, int step) {
      int position = position(chain, isForward, step);
      Network network = isForward ? forward : backward;
      float[] result = isForward ? chain.forwardSpare : chain.backwardSpare;
      // NaN in a token stands for a missing value; in the output of a layer, for no output.
      boolean isFinite =
          (ofTokens || !Float.isNaN(chain.inputs[position][0])) && network.isFinite(result);
      if (isFinite && isForward) {
        chain.forwardSpare = chain.forward;
        chain.forward = result;
      } else if (isFinite) {
        chain.backwardSpare = chain.backward;
        chain.backward = result;
      }
      chain.skips |= !isFinite;
      int output = readsFinal ? -1 : output(chain, position);
      if (output < 0) {
        return;
      }
      float[] to = chain.outputs[output];
      if (isFinite) {
        join(result, network.hiddenAt(), network.hiddenSize(), isForward, to);
      } else {
        Arrays.fill(to, Float.NaN);
      }
    }

    /** The output of the whole sequence: that of the last step, or of the last without padding. */
    private void joinFinal(int count, Chain[] chains, boolean isForward) {
      Network network = isForward ? forward : backward;
      for (int c = 0; readsFinal && network != null && c < count; c++) {
        float[] state = isForward ? chains[c].forward : chains[c].backward;
        join(state, network.hiddenAt(), network.hiddenSize(), isForward, chains[c].outputs[0]);
        if (chains[c].skips && !skipsPadding) {
          Arrays.fill(chains[c].outputs[0], Float.NaN);
        }
      }
    }

    /** The output to which a position belongs; -1 for none. */
    private static int output(Chain chain, int position) {
      if (chain.lastOnly) {
        return position == chain.length - 1 ? 0 : -1;
      }
      return position < chain.decided ? position : -1;
    }

    /** The forward output comes first. */
    private void join(float[] from, int at, int size, boolean isForward, float[] to) {
      if (isForward || forward == null) {
        System.arraycopy(from, at, to, 0, size);
      } else if (Float.isNaN(to[0])) {
        Arrays.fill(to, Float.NaN); // the forward output is not finite
      } else if (join == Join.CONCATENATE) {
        System.arraycopy(from, at, to, to.length - size, size);
      } else {
        for (int i = 0; i < size; i++) {
          float joined = join.apply(to[i], from[at + i]);
          to[i] = join == Join.AVERAGE ? joined / 2 : joined;
        }
      }
    }

    /** Steps the layers above through the outputs of each chain, in their order. */
    private void stepAbove(int count, Chain[] chains) {
      float[][] x = new float[count][];
      for (int o = 0; ; o++) {
        int some = 0;
        boolean isMore = false;
        for (int c = 0; c < count; c++) {
          Chain chain = chains[c];
          if (o >= chain.outputs.length) {
            continue;
          }
          isMore = true;
          if (Float.isNaN(chain.outputs[o][0])) {
            chain.outputs[o] = notANumber();
            continue;
          }
          active[some] = chain;
          x[some] = chain.outputs[o];
          previous[some] = chain.above;
          next[some++] = chain.aboveSpare;
        }
        if (!isMore) {
          return;
        }
        aboves.stepEach(some, x, previous, next);
        for (int i = 0; i < some; i++) {
          Chain chain = active[i];
          float[] result = chain.aboveSpare;
          if (!above.isFinite(result)) {
            chain.outputs[o] = notANumber();
            continue;
          }
          chain.aboveSpare = chain.above;
          chain.above = result;
          int at = above.hiddenAt();
          chain.outputs[o] = Arrays.copyOfRange(result, at, at + above.hiddenSize());
        }
      }
    }

    private float[] notANumber() {
      float[] vector = new float[outputSize()];
      Arrays.fill(vector, Float.NaN);
      return vector;
    }
  }
}
