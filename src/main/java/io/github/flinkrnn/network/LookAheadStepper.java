package io.github.flinkrnn.network;

import io.github.flinkrnn.network.BidirectionalStage.Chain;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/**
 * Takes tokens through a {@link BidirectionalNetwork} that looks k tokens ahead, with its working
 * memory. Not thread-safe.
 *
 * <p>In a sequence of T tokens so far, each bidirectional layer computes for position t
 *
 * <pre>
 * forward  y&lt;t&gt;: the cell steps from the first token to t
 * backward y&lt;t&gt;: the cell steps from zero, from position min(t + k, T) back to t
 * </pre>
 *
 * over the outputs of the layer below, as the latency-controlled network of Zhang et al. (2016)
 * does for a block of one token. A layer decides t when it has t + k, or when the sequence ends. So
 * with L such layers the output of a token comes L k tokens later. Between two tokens, a sequence
 * keeps the forward states, and the inputs of each layer that are not decided:
 *
 * <pre>
 * reserved for the caller · how many inputs of each layer · states · inputs, top layer first
 * </pre>
 *
 * <p>A step whose result is not finite leaves the state of its cell as it was. The output of its
 * position is NaN. The other outputs are as if the layer had not read that position.
 */
@Internal
public final class LookAheadStepper implements AutoCloseable {
  /** Looks ahead to the end of the sequence. */
  public static final int END = Integer.MAX_VALUE;

  /** A sequence, what happens to it, and what follows from this. */
  public static final class Sequence {
    private final float[] kept;
    private final float[] room;
    private boolean hasToken;
    private int word;
    private float[] x;
    private boolean decidesAll;
    private boolean asksProvisional;
    private float[] next;
    private float[][] decided;
    private float[] provisional;

    /**
     * @param kept what is kept of the sequence, which is not changed; null at its beginning
     * @param room receives what is to be kept then, if its length is the right one; may be null
     */
    public Sequence(float[] kept, float[] room) {
      this.kept = kept;
      this.room = room;
    }

    /**
     * The next token.
     *
     * @param ofWord the id of its word, for a network of words
     * @param ofVector its x&lt;t&gt;, for any other network; not changed, and not used after the
     *     call
     */
    public void take(int ofWord, float[] ofVector) {
      hasToken = true;
      word = ofWord;
      x = ofVector;
    }

    /** Decides all tokens, with the future that is there. */
    public void decideAll() {
      decidesAll = true;
    }

    /** Asks for the output of the token with the future that is there: none. */
    public void askProvisional() {
      asksProvisional = true;
    }

    /** What is to be kept. The reserved floats are undefined. */
    public float[] next() {
      return next;
    }

    /** The outputs of the tokens that were decided, in their order, [hiddenSize] each. */
    public float[][] decided() {
      return decided;
    }

    /** The output of the token, if it was asked for and the token is not decided; else null. */
    public float[] provisional() {
      return provisional;
    }
  }

  private final BidirectionalStage[] stages;
  private final BidirectionalStage.Stepper[] steppers;
  private final int[] widths; // of an input of each stage
  private final Network below;
  private final Network.Stepper belowStepper;
  private final int look;
  private final int reserved;
  private final boolean ofWords;
  private final int inputsAt; // in what is kept
  private Work[] works = {};
  private Chain[] chains = {};
  private Work[] ofChains = {};

  LookAheadStepper(BidirectionalNetwork network, boolean ofWords, int look, int reserved) {
    this.look = look;
    this.reserved = reserved;
    this.ofWords = ofWords;
    stages = network.stages().toArray(BidirectionalStage[]::new);
    below = network.below();
    belowStepper = below == null ? null : below.stepper();
    steppers = new BidirectionalStage.Stepper[stages.length];
    widths = new int[stages.length];
    boolean areWords = below == null && ofWords;
    int width = areWords ? 1 : below == null ? network.inputSize() : below.hiddenSize();
    for (int l = 0; l < stages.length; l++) {
      steppers[l] = stages[l].stepper(l == 0 && below == null, l == 0 && areWords);
      widths[l] = width;
      width = stages[l].outputSize();
    }
    inputsAt = reserved + stages.length + network.stateSize();
  }

  /** The number of floats that are kept of a sequence of which no token waits. */
  public int leastKept() {
    return inputsAt;
  }

  /** The number of floats that are kept of a sequence in which the most tokens wait. */
  public int mostKept() {
    return look == END ? inputsAt : inputsAt + look * Arrays.stream(widths).sum();
  }

  /** Whether floats can be what is kept of a sequence. */
  public boolean fits(float[] kept) {
    if (kept.length < inputsAt) {
      return false;
    }
    long floats = inputsAt;
    for (int l = 0; l < stages.length; l++) {
      int waiting = waiting(kept, l);
      if (waiting < 0) {
        return false;
      }
      floats += (long) waiting * widths[l];
    }
    return floats == kept.length;
  }

  /** How many inputs of a layer are kept: an integer in the bits of a float. */
  private int waiting(float[] kept, int layer) {
    return Float.floatToRawIntBits(kept[reserved + layer]);
  }

  /** Takes the tokens of different sequences, with the same bits as one by one. */
  public void run(int count, Sequence[] sequences) {
    makeRoom(count);
    int some = 0;
    for (int i = 0; i < count; i++) {
      if (!append(sequences[i])) {
        works[some++].begin(sequences[i]);
      }
    }
    takeBelow(some);
    advance(some, false);
    boolean asksAny = false;
    for (int i = 0; i < some; i++) {
      asksAny |= works[i].finish();
    }
    if (asksAny) {
      advance(some, true);
      for (int i = 0; i < some; i++) {
        works[i].finishProvisional();
      }
    }
  }

  private void makeRoom(int count) {
    int before = works.length;
    if (before < count) {
      works = Arrays.copyOf(works, count);
      for (int i = before; i < count; i++) {
        works[i] = new Work();
      }
      chains = new Chain[count];
      ofChains = new Work[count];
    }
  }

  /** Only keeps the input of a token, if nothing follows from it. */
  private boolean append(Sequence sequence) {
    float[] kept = sequence.kept;
    if (kept == null
        || !sequence.hasToken
        || below != null
        || sequence.decidesAll
        || sequence.asksProvisional
        || waiting(kept, 0) >= look) {
      return false;
    }
    float[] next = Arrays.copyOf(kept, kept.length + widths[0]);
    next[reserved] = Float.intBitsToFloat(waiting(kept, 0) + 1);
    if (ofWords) {
      next[kept.length] = Float.intBitsToFloat(sequence.word);
    } else {
      System.arraycopy(sequence.x, 0, next, kept.length, widths[0]);
    }
    sequence.next = next;
    sequence.decided = new float[0][];
    return true;
  }

  /**
   * Passes the inputs of sequences through all layers.
   *
   * @param lastOnly whether only the output of the last token is needed, and no state after it
   */
  private void advance(int count, boolean lastOnly) {
    for (int l = 0; l < stages.length; l++) {
      for (int i = 0; i < count; i++) {
        works[i].enter();
      }
      // An input may decide an earlier position, which needs exactly k inputs after it.
      for (boolean more = true; more; ) {
        int some = 0;
        more = false;
        for (int i = 0; i < count; i++) {
          Work work = works[i];
          work.read(l);
          if (work.waiting[l] > look) {
            add(some++, work, work.chain(l, look + 1, 1, false));
          }
        }
        compute(l, some);
        for (int i = 0; i < count; i++) {
          more |= works[i].isMore(l);
        }
      }
      int some = 0;
      for (int i = 0; i < count; i++) {
        Work work = works[i];
        if (work.decidesAll && work.waiting[l] > 0) {
          boolean isLast = lastOnly && l == stages.length - 1;
          add(some++, work, work.chain(l, work.waiting[l], work.waiting[l], isLast));
        }
      }
      compute(l, some);
    }
  }

  private void add(int at, Work work, Chain chain) {
    ofChains[at] = work;
    chains[at] = chain;
  }

  private void compute(int layer, int count) {
    if (count == 0) {
      return;
    }
    steppers[layer].compute(count, chains);
    for (int c = 0; c < count; c++) {
      ofChains[c].decide(layer, chains[c]);
    }
  }

  /** Steps the layers below the first bidirectional one. */
  private void takeBelow(int count) {
    if (below == null) {
      return;
    }
    Work[] taking = Arrays.stream(works, 0, count).filter(Work::hasToken).toArray(Work[]::new);
    float[][] previous = new float[taking.length][];
    float[][] next = new float[taking.length][];
    for (int i = 0; i < taking.length; i++) {
      previous[i] = taking[i].ofBelow;
      next[i] = taking[i].spareOfBelow;
    }
    if (ofWords) {
      int[] words = Arrays.stream(taking).mapToInt(work -> work.sequence.word).toArray();
      belowStepper.stepEach(taking.length, words, previous, next);
    } else {
      float[][] x = Arrays.stream(taking).map(work -> work.sequence.x).toArray(float[][]::new);
      belowStepper.stepEach(taking.length, x, previous, next);
    }
    for (Work work : taking) {
      work.tookBelow();
    }
  }

  /** A sequence between what is kept of it before and after a call. */
  private final class Work {
    private final Chain[] ofStages = new Chain[stages.length];
    private final float[][][] inputs = new float[stages.length][4][]; // not decided, by stage
    private final int[] waiting = new int[stages.length]; // how many they are
    private float[] ofBelow = new float[below == null ? 0 : below.stateSize()];
    private float[] spareOfBelow = new float[ofBelow.length];
    private Sequence sequence;
    private boolean decidesAll;
    private float[][] arriving = new float[4][]; // at the stage that is computed
    private int arrivingCount;
    private int read;
    private float[][] outputs = new float[4][]; // of the stage that is computed
    private int outputCount;

    Work() {
      for (int l = 0; l < stages.length; l++) {
        ofStages[l] = new Chain(stages[l]);
      }
    }

    boolean hasToken() {
      return sequence.hasToken;
    }

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
      int at = reserved + stages.length;
      at = load(kept, at, ofBelow, below);
      for (int l = 0; l < stages.length; l++) {
        at = load(kept, at, ofStages[l].forward, stages[l].forward());
        at = load(kept, at, ofStages[l].above, stages[l].above());
      }
      for (int l = stages.length - 1; l >= 0; l--) {
        waiting[l] = 0;
        int count = kept == null ? 0 : LookAheadStepper.this.waiting(kept, l);
        for (int i = 0; i < count; i++) {
          add(l, Arrays.copyOfRange(kept, at, at + widths[l]));
          at += widths[l];
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

    void read(int l) {
      if (read < arrivingCount && waiting[l] <= look) {
        add(l, arriving[read++]);
      }
    }

    boolean isMore(int l) {
      return read < arrivingCount || waiting[l] > look;
    }

    Chain chain(int l, int length, int decided, boolean lastOnly) {
      Chain chain = ofStages[l];
      chain.inputs = inputs[l];
      chain.length = length;
      chain.decided = decided;
      chain.lastOnly = lastOnly;
      return chain;
    }

    void decide(int l, Chain chain) {
      int left = waiting[l] - chain.decided;
      System.arraycopy(inputs[l], chain.decided, inputs[l], 0, left);
      waiting[l] = left;
      for (float[] output : chain.outputs) {
        output(output);
      }
    }

    /** Returns whether a provisional output is to be computed. */
    boolean finish() {
      sequence.decided = Arrays.copyOf(outputs, outputCount);
      sequence.next = save();
      outputCount = 0;
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
      int length = inputsAt;
      for (int l = 0; l < stages.length; l++) {
        length += waiting[l] * widths[l];
      }
      float[] next =
          sequence.room != null && sequence.room.length == length
              ? sequence.room
              : new float[length];
      int at = reserved;
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

  @Override
  public void close() {
    // Uses only the heap.
  }
}
