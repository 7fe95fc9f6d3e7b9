package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Token;
import java.math.BigInteger;
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
      values(json, token);
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

  /** The fields of the model, except those whose names the token itself has written. */
  private static void values(JsonGenerator json, Token token) {
    FieldValues values = token.values();
    for (int i = 0; values != null && i < values.names().length; i++) {
      Object value = values.value(i);
      String name = values.names()[i];
      boolean isFree =
          switch (name) {
            case "token" -> token.token() == null;
            case "features" -> token.features() == null;
            default -> !TokenFields.NAMES.contains(name);
          };
      if (value != null && isFree) {
        json.writeName(name);
        value(json, value);
      }
    }
  }

  private static void value(JsonGenerator json, Object value) {
    if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Long number) {
      json.writeNumber((long) number);
    } else if (value instanceof BigInteger number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      number(json, number);
    } else {
      json.writeStartArray();
      for (double number : (double[]) value) {
        number(json, number);
      }
      json.writeEndArray();
    }
  }

  private static void number(JsonGenerator json, double number) {
    if (Double.isFinite(number)) {
      json.writeNumber(number);
    } else {
      json.writeNull(); // JSON has no NaN
    }
  }
}
