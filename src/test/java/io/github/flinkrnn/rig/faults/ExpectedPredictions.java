package io.github.flinkrnn.rig.faults;

import java.util.List;

/** The prediction records of a run without faults. */
interface ExpectedPredictions {
  /**
   * The records that a token causes, in their order, with the fields token, label, prediction and
   * seq.
   *
   * @param end whether it is the last token of its sequence
   */
  List<byte[]> of(String key, String word, long seq, boolean end);
}
