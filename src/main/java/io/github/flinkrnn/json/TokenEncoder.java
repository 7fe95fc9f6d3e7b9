package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Token;
import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/** Writes a token as the JSON object that {@link TokenDecoder} reads. */
public final class TokenEncoder {
  private TokenEncoder() {}

  /** One JSON object, without a newline; what was carried is left out. */
  public static byte[] encode(Token token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json =
        PredictionEncoder.JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("key", token.key());
      PredictionEncoder.text(json, "token", token.token());
      PredictionEncoder.numbers(json, "features", token.features());
      PredictionEncoder.number(json, "seq", token.seq());
      PredictionEncoder.number(json, "timestamp", token.timestamp());
      if (token.start()) {
        json.writeBooleanProperty("start", true);
      }
      if (token.end()) {
        json.writeBooleanProperty("end", true);
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
