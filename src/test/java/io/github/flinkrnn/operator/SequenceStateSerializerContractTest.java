package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.testutils.DeeplyEqualsChecker;

/** What Flink asks of every serializer: copies, reuse, sequences, duplicates, its own snapshot. */
class SequenceStateSerializerContractTest extends SerializerTestBase<SequenceState> {
  SequenceStateSerializerContractTest() {
    super(
        new DeeplyEqualsChecker()
            .withCustomCheck(
                (a, b) -> a instanceof SequenceState && b instanceof SequenceState,
                (a, b, checker) -> same((SequenceState) a, (SequenceState) b)));
  }

  private static boolean same(SequenceState a, SequenceState b) {
    return a.model() == b.model()
        && a.t() == b.t()
        && a.expires() == b.expires()
        && Arrays.equals(a.values(), b.values())
        && Objects.equals(a.position(), b.position());
  }

  @Override
  protected TypeSerializer<SequenceState> createSerializer() {
    return new SequenceStateSerializer();
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<SequenceState> getTypeClass() {
    return SequenceState.class;
  }

  @Override
  protected SequenceState[] getTestData() {
    return new SequenceState[] {
      new SequenceState(),
      new SequenceState(1, 1, 0, 0, new float[] {0.5f}, null, null),
      new SequenceState(-7, 1L << 40, 1_800_000_000_000L, 0, new float[] {1, -0f, 3}, null, null),
      new SequenceState(
          Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 0, new float[128], null, null)
    };
  }
}
