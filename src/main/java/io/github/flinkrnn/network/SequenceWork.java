package io.github.flinkrnn.network;

import io.github.flinkrnn.network.BidirectionalStage.Chain;
import io.github.flinkrnn.network.LookAheadStepper.Sequence;
import java.util.Arrays;

/** A sequence between what is kept of it before and after a call. */
final class SequenceWork {
  /** Longer arrays are not kept for the next sequence. */
  private static final int MOST_KEPT = 256;

  private final KeptInputs layout;
  private final boolean ofWords;
  private final int look;
  private final Network below;
  private final BidirectionalStage[] stages;
  private final Chain[] ofStages;
  private final float[][][] inputs; // not decided, by stage
  private final int[] waiting; // how many they are
  private float[] ofBelow;
  private float[] spareOfBelow;
  private Sequence sequence;
  private boolean decidesAll;
  private float[][] arriving = new float[4][]; // at the stage that is computed
  private int arrivingCount;
  private int read;
  private float[][] outputs = new float[4][]; // of the stage that is computed
  private int outputCount;

  SequenceWork(KeptInputs layout, boolean ofWords, int look) {
    this.layout = layout;
    this.ofWords = ofWords;
    this.look = look;
    below = layout.below();
    stages = layout.stages();
    ofStages = new Chain[stages.length];
    inputs = new float[stages.length][4][];
    waiting = new int[stages.length];
    ofBelow = new float[below == null ? 0 : below.stateSize()];
    spareOfBelow = new float[ofBelow.length];
    for (int l = 0; l < stages.length; l++) {
      ofStages[l] = new Chain(stages[l]);
    }
  }

  Sequence sequence() {
    return sequence;
  }

  boolean hasToken() {
    return sequence.hasToken;
  }

  /** Whether all inputs are decided, with the future that is there. */
  boolean decidesAll() {
    return decidesAll;
  }

  /** How many inputs of a stage are not decided. */
  int waiting(int l) {
    return waiting[l];
  }

  /** The state of the network below the first stage. */
  float[] ofBelow() {
    return ofBelow;
  }

  /** Receives that state after the token. */
  float[] spareOfBelow() {
    return spareOfBelow;
  }

  /** Begins with what is kept of a sequence, and with its token. */
  void begin(Sequence of) {
    sequence = of;
    decidesAll = of.decidesAll;
    load(of.kept);
    outputCount = 0;
    if (of.hasToken && below == null) {
      output(ofWords ? new float[] {Float.intBitsToFloat(of.word)} : of.x);
    }
  }

  private void load(float[] kept) {
    int at = layout.statesAt();
    at = load(kept, at, ofBelow, below);
    for (int l = 0; l < stages.length; l++) {
      at = load(kept, at, ofStages[l].forward, stages[l].forward());
      at = load(kept, at, ofStages[l].above, stages[l].above());
    }
    for (int l = stages.length - 1; l >= 0; l--) {
      waiting[l] = 0;
      int count = kept == null ? 0 : layout.waiting(kept, l);
      for (int i = 0; i < count; i++) {
        add(l, Arrays.copyOfRange(kept, at, at + layout.width(l)));
        at += layout.width(l);
      }
    }
  }

  private int load(float[] kept, int at, float[] state, Network network) {
    if (kept != null) {
      System.arraycopy(kept, at, state, 0, state.length);
    } else if (network != null) {
      System.arraycopy(network.initialState(), 0, state, 0, state.length);
    }
    return at + state.length;
  }

  private void add(int l, float[] input) {
    if (inputs[l].length == waiting[l]) {
      inputs[l] = Arrays.copyOf(inputs[l], 2 * waiting[l]);
    }
    inputs[l][waiting[l]++] = input;
  }

  private void output(float[] vector) {
    if (outputs.length == outputCount) {
      outputs = Arrays.copyOf(outputs, 2 * outputCount);
    }
    outputs[outputCount++] = vector;
  }

  /** Takes the output of the network below for the token. */
  void tookBelow() {
    float[] vector = new float[below.hiddenSize()];
    if (below.isFinite(spareOfBelow)) {
      float[] state = spareOfBelow;
      spareOfBelow = ofBelow;
      ofBelow = state;
      System.arraycopy(state, below.hiddenAt(), vector, 0, vector.length);
    } else {
      Arrays.fill(vector, Float.NaN);
    }
    output(vector);
  }

  /** The outputs of the stage before become the inputs of this one. */
  void enter() {
    float[][] empty = arriving;
    arriving = outputs;
    arrivingCount = outputCount;
    read = 0;
    outputs = empty;
    outputCount = 0;
  }

  /** Takes the next input of a stage. */
  void read(int l) {
    if (read < arrivingCount && waiting[l] <= look) {
      add(l, arriving[read++]);
    }
  }

  /** Whether the stage has more to do. */
  boolean isMore(int l) {
    return read < arrivingCount || waiting[l] > look;
  }

  /** The positions of a stage that are computed next. */
  Chain chain(int l, int length, int decided, boolean lastOnly) {
    Chain chain = ofStages[l];
    chain.inputs = inputs[l];
    chain.length = length;
    chain.decided = decided;
    chain.lastOnly = lastOnly;
    return chain;
  }

  /** Takes the outputs of the positions that were computed. */
  void decide(int l, Chain chain) {
    int left = waiting[l] - chain.decided;
    System.arraycopy(inputs[l], chain.decided, inputs[l], 0, left);
    if (left == 0 && inputs[l].length > MOST_KEPT) {
      inputs[l] = new float[4][];
    }
    waiting[l] = left;
    for (float[] output : chain.outputs) {
      output(output);
    }
    chain.outputs = null;
    chain.inputs = null;
  }

  /** Saves what is to be kept. Returns whether a provisional output is to be computed. */
  boolean finish() {
    sequence.decided = Arrays.copyOf(outputs, outputCount);
    sequence.next = save();
    outputCount = 0;
    if (outputs.length > MOST_KEPT) {
      outputs = new float[4][];
      arriving = new float[4][];
    }
    decidesAll = sequence.asksProvisional && sequence.hasToken && isWaiting();
    return decidesAll;
  }

  private boolean isWaiting() {
    for (int each : waiting) {
      if (each > 0) {
        return true;
      }
    }
    return false;
  }

  void finishProvisional() {
    if (decidesAll) {
      sequence.provisional = outputs[outputCount - 1];
    }
  }

  private float[] save() {
    int length = layout.least();
    for (int l = 0; l < stages.length; l++) {
      length += waiting[l] * layout.width(l);
    }
    float[] next =
        sequence.room != null && sequence.room.length == length ? sequence.room : new float[length];
    int at = layout.reserved();
    for (int l = 0; l < stages.length; l++) {
      next[at++] = Float.intBitsToFloat(waiting[l]);
    }
    at = save(ofBelow, next, at);
    for (int l = 0; l < stages.length; l++) {
      at = save(ofStages[l].forward, next, at);
      at = save(ofStages[l].above, next, at);
    }
    for (int l = stages.length - 1; l >= 0; l--) {
      for (int i = 0; i < waiting[l]; i++) {
        at = save(inputs[l][i], next, at);
      }
    }
    return next;
  }

  private int save(float[] from, float[] next, int at) {
    System.arraycopy(from, 0, next, at, from.length);
    return at + from.length;
  }
}
