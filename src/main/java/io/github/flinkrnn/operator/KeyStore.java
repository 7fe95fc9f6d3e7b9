package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.TokenOrder;
import org.apache.flink.annotation.Internal;

/** The state of the current key. */
@Internal
public interface KeyStore extends TokenOrder.Store {
  /**
   * The state; null if there is none. A caller that changes it in place then calls {@link #keep} or
   * {@link #clear}.
   */
  SequenceState state() throws Exception;

  /**
   * Writes a state.
   *
   * @param wasRead whether it is the object that {@link #state} returned
   */
  void keep(SequenceState state, boolean wasRead) throws Exception;

  void clear() throws Exception;
}
