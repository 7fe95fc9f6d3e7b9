package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.Undecided;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.testutils.DeeplyEqualsChecker;

/**
 * What Flink requires of every serializer: copies, reuse, sequences, duplicates, and its snapshot.
 */
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
        && a.time() == b.time()
        && Arrays.equals(a.values(), b.values())
        && Objects.equals(a.last(), b.last())
        && Objects.equals(a.undecided(), b.undecided())
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
    SequenceState undecided = new SequenceState(1, 2, 0, 0, new float[] {0.5f}, null, null);
    undecided.undecidedAre(new Undecided(new Token[] {Token.of("k", "cat")}, 7, false));
    return new SequenceState[] {
      undecided,
      new SequenceState(),
      new SequenceState(1, 1, 0, 0, new float[] {0.5f}, null, null),
      new SequenceState(-7, 1L << 40, 1_800_000_000_000L, 0, new float[] {1, -0f, 3}, null, null),
      new SequenceState(
          Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, 7, new float[128], null, null),
      new SequenceState(
          1,
          2,
          3,
          0,
          new float[1],
          new Prediction("k", 2, "cat", null, null, null, null, null, null, null, null),
          new Position(7, Position.NONE, 2, By.SEQ, 100, Position.NONE, 5, Position.NONE))
    };
  }
}
