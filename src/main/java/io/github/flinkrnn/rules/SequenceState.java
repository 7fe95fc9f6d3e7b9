package io.github.flinkrnn.rules;

import io.github.flinkrnn.sequence.Prediction;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The state of one key between two tokens, except its waiting tokens: the current sequence and the
 * {@link Position} of its tokens. Either may be absent.
 *
 * <p>A step changes the state in place, so that it creates no garbage. The store must make sure
 * that a running snapshot does not see the change: Flink's heap backend copies on write in {@code
 * value()}, and RocksDB deserializes a new object.
 */
@PublicEvolving
public final class SequenceState {
  /** Kept in the sign of t: a field of its own would make the object 8 bytes longer. */
  private static final long KEYED = Long.MIN_VALUE;

  private long model;
  private long t;
  private long expires;
  private long time;
  private long stepTime = Position.NONE;
  private float[] values;
  private Object
      held; // the last prediction, or undecided tokens with it: a field more costs 8 bytes
  private Position position;

  /** The state of a new key. */
  public SequenceState() {}

  /**
   * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
   *     computed the values
   * @param t the number of steps taken, from 1; 0 for no sequence
   * @param expires when the sequence ends unless a token arrives, in epoch milliseconds of the idle
   *     timeout's time; 0 for never
   * @param time the Kafka timestamp of the record of the last token, in epoch milliseconds; 0 if it
   *     is not needed
   * @param values a&lt;t&gt; of all layers in the model's layout, or the tokens of a window; null
   *     for no sequence. Not copied
   * @param last the prediction of step t, if only the last step of a sequence is emitted, or null
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
    this(model, t, expires, time, Position.NONE, values, last, position);
  }

  /**
   * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
   *     computed the values
   * @param t the number of steps taken, from 1; 0 for no sequence
   * @param expires when the sequence ends unless a token arrives, in epoch milliseconds of the idle
   *     timeout's time; 0 for never
   * @param time the Kafka timestamp of the record of the last token, in epoch milliseconds; 0 if it
   *     is not needed
   * @param stepTime the event time of the token of step t, in epoch milliseconds; {@link
   *     Position#NONE} if it is not needed
   * @param values a&lt;t&gt; of all layers in the model's layout and what the next x&lt;t&gt;
   *     needs, or the tokens of a window; null for no sequence. Not copied
   * @param last the prediction of step t, if only the last step of a sequence is emitted, or null
   * @param position of the tokens, or null
   */
  public SequenceState(
      long model,
      long t,
      long expires,
      long time,
      long stepTime,
      float[] values,
      Prediction last,
      Position position) {
    this.model = model;
    this.t = t;
    this.expires = expires;
    this.time = time;
    this.stepTime = stepTime;
    this.values = values;
    this.held = last;
    this.position = position;
  }

  /** {@return the fingerprint of the recurrence that computed the values} */
  public long model() {
    return model;
  }

  /** {@return the number of steps taken, from 1; 0 for no sequence} */
  public long t() {
    return t & ~KEYED;
  }

  /**
   * {@return whether the sequence key is made of the bytes of the key of the last token's Kafka
   * record, as {@link io.github.flinkrnn.sequence.SourceRecord#isKeyed}; false if it is not needed}
   */
  public boolean isKeyed() {
    return t < 0;
  }

  /** Sets that the sequence key is made of the bytes of the last token's Kafka record. */
  public void keyed() {
    t |= KEYED;
  }

  /** {@return when the sequence ends unless a token arrives, in epoch milliseconds; 0 for never} */
  public long expires() {
    return expires;
  }

  /**
   * {@return the Kafka timestamp of the record of the last token, in epoch milliseconds; 0 if it is
   * not needed}
   */
  public long time() {
    return time;
  }

  /**
   * {@return the event time of the token of step t, in epoch milliseconds; {@link Position#NONE} if
   * it is not needed}
   */
  public long stepTime() {
    return stepTime;
  }

  /**
   * The values. Must not be modified.
   *
   * @return a&lt;t&gt; of all layers, or the tokens of a window; null for no sequence
   */
  public float[] values() {
    return values;
  }

  /** {@return the latest prediction, if only the last step of a sequence is emitted, or null} */
  public Prediction last() {
    if (held instanceof Undecided undecided) {
      return undecided.last();
    }
    return (Prediction) held;
  }

  /** {@return the tokens whose predictions wait for later tokens; null for none} */
  public Undecided undecided() {
    return held instanceof Undecided undecided ? undecided : null;
  }

  /** {@return whether there is a {@link #last} prediction, or an {@link #undecided} token} */
  public boolean isHolding() {
    return held != null;
  }

  /** {@return the position of the tokens, or null} */
  public Position position() {
    return position;
  }

  /** {@return whether a sequence is in progress} */
  public boolean hasSequence() {
    return t != 0;
  }

  /** {@return whether the state can be removed} */
  public boolean isEmpty() {
    return t == 0 && position == null;
  }

  /** {@return the number of waiting tokens of the key} */
  public int waiting() {
    return position == null ? 0 : position.waiting();
  }

  /**
   * Becomes the state after another step.
   *
   * @param newModel the fingerprint of the recurrence
   * @param newT the number of steps taken, from 1
   * @param newExpires when the sequence ends unless a token arrives; 0 for never
   * @param newTime the Kafka timestamp of the record of the token; 0 if it is not needed
   * @param newStepTime the event time of the token; {@link Position#NONE} if it is not needed
   * @param next the values, which are copied
   */
  public void become(
      long newModel, long newT, long newExpires, long newTime, long newStepTime, float[] next) {
    model = newModel;
    t = newT;
    expires = newExpires;
    time = newTime;
    stepTime = newStepTime;
    if (values != null && values.length == next.length) {
      System.arraycopy(next, 0, values, 0, next.length);
    } else {
      values = next.clone();
    }
  }

  /** Removes the sequence. */
  public void endSequence() {
    model = 0;
    t = 0;
    expires = 0;
    time = 0;
    stepTime = Position.NONE;
    values = null;
    held = null;
  }

  /**
   * Sets when the sequence ends unless a token arrives.
   *
   * @param moment in epoch milliseconds; 0 for never
   */
  public void expireAt(long moment) {
    expires = moment;
  }

  /**
   * Sets the latest prediction of the sequence.
   *
   * @param prediction the prediction, or null
   */
  public void lastIs(Prediction prediction) {
    held = held instanceof Undecided undecided ? undecided.after(prediction) : prediction;
  }

  /**
   * Sets the undecided tokens. The {@link #last} prediction stays.
   *
   * @param tokens the tokens, or null
   */
  public void undecidedAre(Undecided tokens) {
    Prediction last = last();
    held = tokens == null ? last : tokens.after(last);
  }

  /**
   * Replaces the values without a step.
   *
   * @param next the values, which are copied
   */
  public void valuesAre(float[] next) {
    if (values.length == next.length) {
      System.arraycopy(next, 0, values, 0, next.length);
    } else {
      values = next.clone();
    }
  }

  /**
   * Sets the position of the tokens.
   *
   * @param now the position, or null
   */
  public void positionIs(Position now) {
    position = now;
  }

  /** {@return a copy that shares nothing that a step changes} */
  public SequenceState copy() {
    float[] copied = values == null ? null : values.clone();
    SequenceState copy =
        new SequenceState(model, t, expires, time, stepTime, copied, null, position);
    copy.held = held; // immutable
    return copy;
  }
}
