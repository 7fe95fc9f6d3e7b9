package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.io.Serializable;

/**
 * The options of {@link RnnFunction} and its builder.
 *
 * @param cacheBytes the size of the cache of states; 0 for none
 * @serial exclude
 */
record FunctionOptions(
    SequenceOptions sequence,
    OutputOptions output,
    OnRejected onRejected,
    BatchOptions batch,
    long cacheBytes)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  static final FunctionOptions DEFAULT =
      new FunctionOptions(
          SequenceOptions.DEFAULT,
          OutputOptions.DEFAULT,
          OnRejected.LOG,
          BatchOptions.DEFAULT,
          RnnFunction.DEFAULT_STATE_CACHE.getBytes());

  FunctionOptions with(SequenceOptions other) {
    return new FunctionOptions(other, output, onRejected, batch, cacheBytes);
  }

  FunctionOptions with(OutputOptions other) {
    return new FunctionOptions(sequence, other, onRejected, batch, cacheBytes);
  }

  FunctionOptions with(OnRejected other) {
    return new FunctionOptions(sequence, output, other, batch, cacheBytes);
  }

  FunctionOptions with(BatchOptions other) {
    return new FunctionOptions(sequence, output, onRejected, other, cacheBytes);
  }

  FunctionOptions withCache(long bytes) {
    return new FunctionOptions(sequence, output, onRejected, batch, bytes);
  }
}
