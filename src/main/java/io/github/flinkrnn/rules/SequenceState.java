package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Prediction;

/**
 * All that is kept of one key between two tokens, apart from tokens that wait: the sequence that it
 * is in the middle of, and the {@link Position} of its tokens. Either may be missing.
 *
 * <p>A step changes it in place: its numbers stay where they are, so a step leaves no garbage. The
 * store must make sure that a snapshot in flight does not see the change: Flink's heap backend
 * copies on write in {@code value()}, and RocksDB reads a new object out of bytes.
 */
public final class SequenceState {
  private long model;
  private long t;
  private long expires;
  private long time;
  private float[] values;
  private Prediction last;
  private Position position;

  /** The state of a new key. */
  public SequenceState() {}

  /**
   * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
   *     made the values
   * @param t the steps taken, from 1; 0 for no sequence
   * @param expires when the sequence ends unless a token comes, epoch milliseconds in the time of
   *     the idle timeout; 0 for never
   * @param time the Kafka timestamp of the record that the last token came from, epoch
   *     milliseconds; 0 where nobody asks for it
   * @param values a&lt;t&gt; of all layers, as the model lays them out, or the tokens of a window;
   *     null for no sequence; the state's own from now on
   * @param last the prediction of step t, where only the last of a sequence is emitted; or null
   * @param position of the tokens, or null
   */
  public SequenceState(
      long model,
      long t,
      long expires,
      long time,
      float[] values,
      Prediction last,
      Position position) {
    this.model = model;
    this.t = t;
    this.expires = expires;
    this.time = time;
    this.values = values;
    this.last = last;
    this.position = position;
  }

  public long model() {
    return model;
  }

  public long t() {
    return t;
  }

  public long expires() {
    return expires;
  }

  public long time() {
    return time;
  }

  /** Not to be written to. */
  public float[] values() {
    return values;
  }

  public Prediction last() {
    return last;
  }

  public Position position() {
    return position;
  }

  /** Whether a sequence has begun and not ended. */
  public boolean hasSequence() {
    return t > 0;
  }

  /** Whether there is nothing to keep. */
  public boolean isEmpty() {
    return t == 0 && position == null;
  }

  /** How many tokens of the key wait. */
  public int waiting() {
    return position == null ? 0 : position.waiting();
  }

  /**
   * Becomes the state after another step.
   *
   * @param next its values, which are copied
   */
  public void become(long newModel, long newT, long newExpires, long newTime, float[] next) {
    model = newModel;
    t = newT;
    expires = newExpires;
    time = newTime;
    if (values != null && values.length == next.length) {
      System.arraycopy(next, 0, values, 0, next.length);
    } else {
      values = next.clone();
    }
  }

  /** The sequence has ended. */
  public void endSequence() {
    model = 0;
    t = 0;
    expires = 0;
    time = 0;
    values = null;
    last = null;
  }

  public void expireAt(long moment) {
    expires = moment;
  }

  public void lastIs(Prediction prediction) {
    last = prediction;
  }

  public void positionIs(Position now) {
    position = now;
  }

  /** Another one that shares nothing which a step changes. */
  public SequenceState copy() {
    return new SequenceState(
        model, t, expires, time, values == null ? null : values.clone(), last, position);
  }
}
