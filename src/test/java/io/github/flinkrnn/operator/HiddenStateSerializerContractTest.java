package io.github.flinkrnn.operator;

import java.util.Arrays;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.testutils.DeeplyEqualsChecker;

/** What Flink asks of every serializer: copies, reuse, sequences, duplicates, its own snapshot. */
class HiddenStateSerializerContractTest extends SerializerTestBase<HiddenState> {
  HiddenStateSerializerContractTest() {
    super(
        new DeeplyEqualsChecker()
            .withCustomCheck(
                (a, b) -> a instanceof HiddenState && b instanceof HiddenState,
                (a, b, checker) -> same((HiddenState) a, (HiddenState) b)));
  }

  private static boolean same(HiddenState a, HiddenState b) {
    return a.model() == b.model()
        && a.t() == b.t()
        && a.expires() == b.expires()
        && Arrays.equals(a.values(), b.values());
  }

  @Override
  protected TypeSerializer<HiddenState> createSerializer() {
    return HiddenStateSerializer.INSTANCE;
  }

  @Override
  protected int getLength() {
    return -1;
  }

  @Override
  protected Class<HiddenState> getTypeClass() {
    return HiddenState.class;
  }

  @Override
  protected HiddenState[] getTestData() {
    return new HiddenState[] {
      new HiddenState(0, 0, 0, 0, new float[0]),
      new HiddenState(1, 1, 0, 0, new float[] {0.5f}),
      new HiddenState(-7, 1L << 40, 1_800_000_000_000L, 0, new float[] {1, -0f, 3}),
      new HiddenState(Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 0, new float[128])
    };
  }
}
