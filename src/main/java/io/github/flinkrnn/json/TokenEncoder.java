package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/** Writes a token as the JSON object that {@link TokenDecoder} reads. */
@Internal
public final class TokenEncoder {
  private static final SerializedString TOKEN = new SerializedString("token");
  private static final SerializedString FEATURES = new SerializedString("features");
  private static final SerializedString SEQ = new SerializedString("seq");
  private static final SerializedString TIMESTAMP = new SerializedString("timestamp");

  private TokenEncoder() {}

  /** One JSON object, without a newline and without carried values. */
  public static byte[] encode(Token token) {
    JsonLine line = new JsonLine();
    try (JsonGenerator json = line.json) {
      json.writeStartObject();
      json.writeStringProperty("key", token.key());
      line.text(TOKEN, token.token());
      line.numbers(FEATURES, token.features());
      line.number(SEQ, token.seq());
      line.number(TIMESTAMP, token.timestamp());
      if (token.start()) {
        json.writeBooleanProperty("start", true);
      }
      if (token.end()) {
        json.writeBooleanProperty("end", true);
      }
      if (token.generate()) {
        json.writeBooleanProperty("generate", true);
      }
      json.writeEndObject();
      return line.take();
    }
  }
}
