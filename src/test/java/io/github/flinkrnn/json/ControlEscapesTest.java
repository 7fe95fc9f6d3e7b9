package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.json.JsonMapper;

/**
 * A record that is printed on a terminal must not control the terminal. A parser still reads the
 * same string.
 */
class ControlEscapesTest {
  private static final String HOSTILE =
      "a\u001b\u0007\u007f\u009b\u202e\u2066\u2028\u00a0\u00e9\u4e2d\ud83d\ude42\\\"";
  private static final String ESCAPED =
      "a\\u001B\\u0007\\u007F\\u009B\\u202E\\u2066\\u2028\u00a0\u00e9\u4e2d\ud83d\ude42\\\\\\\"";

  /** As a sender may write it. JSON does not require these to be escaped. */
  private static final String HOSTILE_IN_JSON =
      "a\\u001b\\u0007\u007f\u009b\u202e\u2066\u2028\u00a0\u00e9\u4e2d\ud83d\ude42\\\\\\\"";

  @Test
  void aRecordEscapesWhatATerminalActsOn() {
    JsonLine line = new JsonLine();
    line.json.writeStartObject();
    line.text(new SerializedString("x"), HOSTILE);
    line.json.writeEndObject();

    String json = new String(line.take(), UTF_8);

    assertThat(json).isEqualTo("{\"x\":\"" + ESCAPED + "\"}");
    assertThat(new JsonMapper().readTree(json).get("x").stringValue()).isEqualTo(HOSTILE);
  }

  /** Each of them in a string that is longer than the buffers of the generator. */
  @Test
  void longTextsToo() {
    String text = HOSTILE.repeat(10_000);
    JsonLine line = new JsonLine();
    line.json.writeString(text);
    assertThat(new String(line.take(), UTF_8)).isEqualTo('"' + ESCAPED.repeat(10_000) + '"');
  }

  @Test
  void soDoesAValueThatIsCarried() throws Rejection {
    TokenFields fields = new TokenFields(Map.of(), List.of("/x"));
    String json =
        "{\"key\":\"k\",\"token\":\"the\",\"x\":{\"y\u009b\":\"" + HOSTILE_IN_JSON + "\"}}";
    Token token = new TokenDecoder(fields, Reads.WORD, 1 << 20).decode(SourceRecords.of(json));

    assertThat(token.carried()).containsExactly("{\"y\\u009B\":\"" + ESCAPED + "\"}");
  }
}
