package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens and predictions of format 1 in a snapshot. Their bytes are those of format 2, without its
 * fields ({@code RecordFormatTest} has them); so the first golden snapshots are of format 1 but for
 * the number beside the state.
 */
class GoldenRecordFormatTest {
  @TempDir private Path directory;

  private OperatorSubtaskState saying(int format, GoldenState state, String type) throws Exception {
    String first = GoldenState.FORMATS.get(0); // whose tokens and predictions are of format 2
    String file = state.name().toLowerCase(Locale.ROOT);
    byte[] bytes = Files.readAllBytes(GoldenCase.resource("states/" + first).resolve(file));
    String serializer = "io.github.flinkrnn.sequence." + type + "Serializer$Snapshot";
    int found = 0;
    byte[] name = serializer.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < bytes.length - name.length - 4; at++) {
      ByteBuffer behind = ByteBuffer.wrap(bytes, at + name.length, 4);
      if (startsWith(bytes, at, name) && behind.getInt() == 2) {
        behind.putInt(at + name.length, format);
        found++;
      }
    }
    assertThat(found).as("formats of " + type).isPositive();
    Path patched = Files.write(directory.resolve(file + "-" + format), bytes);
    return OperatorSnapshotUtil.readStateHandle(patched.toString());
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] name) {
    for (int i = 0; i < name.length; i++) {
      if (bytes[at + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  @Test
  void tokensOfFormat1ThatWaitAreTaken() throws Exception {
    OperatorSubtaskState snapshot = saying(1, GoldenState.SEQ, "Token");
    try (RnnHarness harness =
        RnnHarness.restore(GoldenState.SEQ.function(), snapshot, GoldenState.TAKEN_AT)) {
      assertThat(harness.process(Token.of("a", "down").at(1)))
          .extracting(Prediction::t)
          .containsExactly(2L, 3L, 4L);
    }
  }

  @Test
  void aPredictionOfFormat1ThatIsHeldBackIsEmitted() throws Exception {
    OperatorSubtaskState snapshot = saying(1, GoldenState.LAST, "Prediction");
    try (RnnHarness harness =
        RnnHarness.restore(GoldenState.LAST.function(), snapshot, GoldenState.TAKEN_AT)) {
      harness.endOfInput();
      assertThat(harness.all()).extracting(Prediction::t).containsExactly(2L);
    }
  }

  @Test
  void aFormatOfALaterVersionIsRefused() throws Exception {
    OperatorSubtaskState snapshot = saying(4, GoldenState.SEQ, "Token");
    assertThatThrownBy(
            () ->
                RnnHarness.restore(GoldenState.SEQ.function(), snapshot, GoldenState.TAKEN_AT)
                    .close())
        .hasRootCauseInstanceOf(IOException.class)
        .hasRootCauseMessage("a token of format 4, this version of flink-rnn reads 1 to 3");
  }
}
