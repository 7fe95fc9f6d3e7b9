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
 * keeps the forward states, and the inputs of each layer that are not decided.
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
    final float[] kept;
    final float[] room;
    boolean hasToken;
    int word;
    float[] x;
    boolean decidesAll;
    boolean asksProvisional;
    float[] next;
    float[][] decided;
    float[] provisional;

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
     * @param ofWord the id of its word, if the network reads words
     * @param ofVector its x&lt;t&gt;, if it reads vectors; not changed, and not used after the call
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

  private final KeptInputs layout;
  private final BidirectionalStage[] stages;
  private final BidirectionalStage.Stepper[] steppers;
  private final Network below;
  private final Network.Stepper belowStepper;
  private final int look;
  private final boolean ofWords;
  private SequenceWork[] works = {};
  private Chain[] chains = {};
  private SequenceWork[] ofChains = {};

  LookAheadStepper(BidirectionalNetwork network, boolean ofWords, int look, int reserved) {
    this.look = look;
    this.ofWords = ofWords;
    layout = KeptInputs.of(network, ofWords, reserved);
    stages = layout.stages();
    below = layout.below();
    belowStepper = below == null ? null : below.stepper();
    steppers = new BidirectionalStage.Stepper[stages.length];
    for (int l = 0; l < stages.length; l++) {
      boolean areTokens = l == 0 && below == null;
      steppers[l] = stages[l].stepper(areTokens, areTokens && ofWords, ofWords);
    }
  }

  /** The number of floats that are kept of a sequence in which the most tokens wait. */
  public int mostKept() {
    return layout.with(look == END ? 0 : look);
  }

  /** Whether floats can be what is kept of a sequence. */
  public boolean fits(float[] kept) {
    return layout.fits(kept);
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
        works[i] = new SequenceWork(layout, ofWords, look);
      }
      chains = new Chain[count];
      ofChains = new SequenceWork[count];
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
        || layout.waiting(kept, 0) >= look) {
      return false;
    }
    float[] next = Arrays.copyOf(kept, kept.length + layout.width(0));
    next[layout.reserved()] = Float.intBitsToFloat(layout.waiting(kept, 0) + 1);
    if (ofWords) {
      next[kept.length] = Float.intBitsToFloat(sequence.word);
    } else {
      System.arraycopy(sequence.x, 0, next, kept.length, layout.width(0));
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
          SequenceWork work = works[i];
          work.read(l);
          if (work.waiting(l) > look) {
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
        SequenceWork work = works[i];
        if (work.decidesAll() && work.waiting(l) > 0) {
          boolean isLast = lastOnly && l == stages.length - 1;
          add(some++, work, work.chain(l, work.waiting(l), work.waiting(l), isLast));
        }
      }
      compute(l, some);
    }
  }

  private void add(int at, SequenceWork work, Chain chain) {
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
    SequenceWork[] taking =
        Arrays.stream(works, 0, count).filter(SequenceWork::hasToken).toArray(SequenceWork[]::new);
    float[][] previous = new float[taking.length][];
    float[][] next = new float[taking.length][];
    for (int i = 0; i < taking.length; i++) {
      previous[i] = taking[i].ofBelow();
      next[i] = taking[i].spareOfBelow();
    }
    if (ofWords) {
      int[] words = Arrays.stream(taking).mapToInt(work -> work.sequence().word).toArray();
      belowStepper.stepEach(taking.length, words, previous, next);
    } else {
      float[][] x = Arrays.stream(taking).map(work -> work.sequence().x).toArray(float[][]::new);
      belowStepper.stepEach(taking.length, x, previous, next);
    }
    for (SequenceWork work : taking) {
      work.tookBelow();
    }
  }

  @Override
  public void close() {
    // Uses only the heap.
  }
}
