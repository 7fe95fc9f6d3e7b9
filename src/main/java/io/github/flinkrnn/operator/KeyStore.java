package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.TokenOrder;

/** What is kept of the current key. */
interface KeyStore extends TokenOrder.Store {
  /** Null where nothing is kept; may be changed in place until {@link #keep} or {@link #clear}. */
  SequenceState state() throws Exception;

  void keep(SequenceState state) throws Exception;

  void clear() throws Exception;
}
