package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** A snapshot with records in the format of a later version is rejected. */
class GoldenRecordFormatTest {
  @TempDir private Path directory;

  private OperatorSubtaskState saying(int format, GoldenState state, String type) throws Exception {
    String latest = GoldenState.FORMATS.get(GoldenState.FORMATS.size() - 1);
    String file = state.name().toLowerCase(Locale.ROOT);
    byte[] bytes = Files.readAllBytes(GoldenCase.resource("states/" + latest).resolve(file));
    String serializer = "io.github.flinkrnn.sequence." + type + "Serializer$Snapshot";
    int found = 0;
    byte[] name = serializer.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < bytes.length - name.length - 4; at++) {
      ByteBuffer behind = ByteBuffer.wrap(bytes, at + name.length, 4);
      if (startsWith(bytes, at, name) && behind.getInt() == 1) {
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
  void aFormatOfALaterVersionIsRejected() throws Exception {
    OperatorSubtaskState snapshot = saying(2, GoldenState.SEQ, "Token");
    assertThatThrownBy(
            () ->
                RnnHarness.restore(GoldenState.SEQ.function(), snapshot, GoldenState.TAKEN_AT)
                    .close())
        .hasRootCauseInstanceOf(IOException.class)
        .hasRootCauseMessage("a token: expected format 1, found format 2");
  }
}
