package io.github.flinkrnn.operator;

/**
 * What a sequence keeps between two tokens: the managed state of one key.
 *
 * <p>A step changes it in place, between {@code value()} and {@code update()}: its numbers stay
 * where they are, so a step leaves no garbage and, on the heap, moves nothing between generations.
 * Why no snapshot in flight sees that: on the heap backend, {@code value()} is where Flink copies
 * on write. It returns the very object that was put there while no snapshot needs it; when one may,
 * it puts a {@link HiddenStateSerializer#copy(HiddenState) copy} in its place and returns that. On
 * RocksDB {@code value()} reads a new object out of bytes, and {@code update()} has written the
 * bytes when it returns. So nobody may change a state that {@code value()} did not return in the
 * same call of the operator, nor hand its array on.
 */
final class HiddenState {
  private long model;
  private long t;
  private long expires;
  private long time;
  private float[] values;

  /**
   * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
   *     made it
   * @param t the steps taken, from 1
   * @param expires when it dies unless a token comes, processing time in epoch milliseconds; 0 for
   *     never
   * @param time the Kafka timestamp of the record that its last token came from, epoch
   *     milliseconds; 0 where nobody asks for it
   * @param values a&lt;t&gt; of all layers, as the model lays them out; the state's own from now on
   */
  HiddenState(long model, long t, long expires, long time, float[] values) {
    this.model = model;
    this.t = t;
    this.expires = expires;
    this.time = time;
    this.values = values;
  }

  long model() {
    return model;
  }

  long t() {
    return t;
  }

  long expires() {
    return expires;
  }

  long time() {
    return time;
  }

  /** To be read alone. */
  float[] values() {
    return values;
  }

  /**
   * Becomes the state of another step.
   *
   * @param next its values, which are copied
   */
  void become(long newModel, long newT, long newExpires, long newTime, float[] next) {
    model = newModel;
    t = newT;
    expires = newExpires;
    time = newTime;
    if (values.length == next.length) {
      System.arraycopy(next, 0, values, 0, next.length);
    } else {
      values = next.clone();
    }
  }

  /** Lives until another time. */
  void expireAt(long time) {
    expires = time;
  }

  HiddenState copy() {
    return new HiddenState(model, t, expires, time, values.clone());
  }
}
