package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.onnx.SmallSteps;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The state of a step graph may hold integers and doubles, as bits in an array of floats. No bit
 * changes, although as floats some of them are quiet and signalling NaNs and infinities.
 */
class StateBitsTest {
  private static final int DOUBLE = 11;
  private static final int INT64 = 7;
  private static final int INT32 = 6;

  /** As words: signalling and quiet NaNs with a payload, of both signs, infinities, and -0. */
  private static final long[] BITS = {
    0x7f800001_7fa00001L,
    0xff800001_ffa12345L,
    0x7fc00001_ffffffffL,
    0x7f800000_ff800000L,
    0x80000000_00000001L,
    Long.MIN_VALUE,
    -1
  };

  private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f", "g", "h");

  @TempDir private Path directory;

  private RnnFunction<String, Token, Prediction> keep(int type, int count, String initial)
      throws Exception {
    Files.write(directory.resolve("model.onnx"), SmallSteps.keepModel(type, count));
    Files.writeString(
        directory.resolve("config.json"), "{\"initial_state\": {\"n\": " + initial + "}}");
    // The states are read from the state backend.
    return RnnFunction.of(directory.toString()).withStateCache(MemorySize.ZERO);
  }

  private static int[] bits(RnnHarness harness, String key) throws Exception {
    float[] words = harness.state(key, RnnFunction.stateDescriptor()).value().values();
    int[] bits = new int[words.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(words[i]);
    }
    return bits;
  }

  private static void step(RnnHarness harness, String key) throws Exception {
    assertThat(harness.process(Token.of(key, 1))).as("a prediction").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void integersSurviveStepsCheckpointsAndRescaling(boolean rocksDb) throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        keep(INT64, BITS.length, Arrays.toString(BITS));
    int[] words = new int[2 * BITS.length]; // little-endian
    for (int i = 0; i < BITS.length; i++) {
      words[2 * i] = (int) BITS[i];
      words[2 * i + 1] = (int) (BITS[i] >>> 32);
    }
    OperatorSubtaskState snapshot;
    try (RnnHarness before =
        rocksDb ? RnnHarness.onRocksDb(recurrence) : RnnHarness.open(recurrence)) {
      for (String key : KEYS) {
        step(before, key);
        step(before, key);
        assertThat(bits(before, key)).containsExactly(words);
      }
      snapshot = before.snapshot();
      step(before, "a"); // after a snapshot, the heap backend copies the state
      assertThat(bits(before, "a")).containsExactly(words);
    }
    for (int subtask = 0; subtask < 2; subtask++) {
      OperatorSubtaskState part = RnnHarness.part(snapshot, 1, 2, subtask);
      try (RnnHarness after = RnnHarness.restore(recurrence, part, 0, 2, subtask, rocksDb)) {
        int restored = 0;
        for (String key : KEYS) {
          if (RnnHarness.subtask(key, 2) == subtask) {
            assertThat(bits(after, key)).containsExactly(words);
            assertThat(after.process(Token.of(key, 1)).get(0).t()).isEqualTo(3);
            assertThat(bits(after, key)).containsExactly(words);
            restored++;
          }
        }
        assertThat(restored).isPositive();
      }
    }
  }

  @Test
  void integersAreFiniteWhateverTheirBits() throws Exception {
    try (RnnHarness harness =
        RnnHarness.open(keep(INT32, 3, "[2139095041, -4194304, 2139095040]"))) {
      step(harness, "a");
      assertThat(bits(harness, "a")).containsExactly(0x7f800001, 0xffc00000, 0x7f800000);
    }
  }

  @Test
  void doublesAreCheckedAsDoubles() throws Exception {
    // The low word of the first is a NaN as a float, and its high word is not an infinity.
    double first = Double.longBitsToDouble(0x3ff00000_7fc00000L);
    String beyondFloat = "[" + first + ", 1.7976931348623157e308, -1e-310, -0.0]";
    try (RnnHarness harness = RnnHarness.open(keep(DOUBLE, 4, beyondFloat))) {
      step(harness, "a");
      assertThat(bits(harness, "a"))
          .containsExactly(
              0x7fc00000,
              0x3ff00000,
              0xffffffff,
              0x7fefffff,
              (int) Double.doubleToRawLongBits(-1e-310),
              (int) (Double.doubleToRawLongBits(-1e-310) >>> 32),
              0,
              0x80000000);
    }
    Files.write(directory.resolve("model.onnx"), SmallSteps.growModel(DOUBLE));
    Files.writeString(directory.resolve("config.json"), "{\"initial_state\": {\"n\": [1e307]}}");
    try (RnnHarness harness = RnnHarness.open(RnnFunction.of(directory.toString()))) {
      step(harness, "a"); // 1e308
      assertThat(harness.process(Token.of("a", 1))).isEmpty();
      assertThat(harness.rejected())
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.NOT_FINITE);
      double kept =
          Double.longBitsToDouble(
              (bits(harness, "a")[0] & 0xffffffffL) | (long) bits(harness, "a")[1] << 32);
      assertThat(kept).isEqualTo(1e308);
    }
  }
}
