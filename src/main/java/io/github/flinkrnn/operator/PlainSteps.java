package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;

/**
 * The steps of a model with one head and the default options: tokens are taken in the order in
 * which they come, and no sequence ends. Without the rules of {@link Sequences}, but with the same
 * bits. Holds working memory, but no state of sequences. Not thread-safe.
 */
@Internal
public final class PlainSteps implements AutoCloseable {
  private final TokenReader reader;
  private final CarriedPast past;
  private final RnnStepper numbers; // used only for softmax and labels
  private final Kernel kernel = Kernel.best();
  private final float[] next;
  private final float[][] logits; // of the only head

  /** Steps of a model with one head, which {@link ModelFit} has accepted. */
  public PlainSteps(RnnModel model) {
    reader = new TokenReader(model);
    past = new CarriedPast(model, reader);
    numbers = model.stepper();
    next = new float[past.room()];
    logits = new float[][] {new float[model.heads().get(0).size()]};
  }

  /** The fingerprint of the kept values: a step can begin only from values with the same one. */
  public long fingerprint() {
    return past.fingerprint();
  }

  /** How many floats are kept from one step to the next. */
  public int size() {
    return next.length;
  }

  /** Whether the event time of a token is kept for the next step. */
  public boolean keepsTime() {
    return reader.keepsTime();
  }

  /** The time of a token, if it is kept for the next step; otherwise {@link Position#NONE}. */
  public long timeToKeep(Token token) {
    return reader.timeToKeep(token);
  }

  /**
   * Takes the step of a token.
   *
   * @param kept the values kept at t-1, [size], which are not changed; null for t = 1
   * @param keptTime the event time of the token of step t-1, in epoch milliseconds, if the model
   *     {@linkplain #keepsTime keeps it}; otherwise {@link Position#NONE}
   * @return the values to keep at t, [size], in an array that the next step uses again; null if the
   *     token is rejected
   */
  public float[] step(Token token, float[] kept, long keptTime) {
    if (reader.read(token) != null || past.complete(kept, keptTime) != null) {
      return null;
    }
    try {
      past.step(reader.word(), reader.x(), kept, next);
      past.logits(next, logits);
    } catch (NotAcceptedException rejected) {
      return null;
    }
    boolean isFinite = past.isFinite(next, true) && kernel.isFinite(logits[0], 0, logits[0].length);
    return isFinite ? next : null;
  }

  /** y&lt;t&gt; of the last step, [n_y]; a new array. */
  public float[] prediction() {
    return numbers.prediction(logits[0]);
  }

  /** The label of the last step; null for a model without labels. */
  public String label() {
    return numbers.label(logits[0]);
  }

  @Override
  public void close() {
    numbers.close();
    past.close();
  }
}
