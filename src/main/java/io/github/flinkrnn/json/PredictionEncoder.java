package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.Prediction;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializationSchema;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes predictions as JSON objects in UTF-8. Numbers are the shortest decimals that read back as
 * the same float32; Jackson's own writer for them gives the same text on every JVM.
 */
public final class PredictionEncoder implements SerializationSchema<Prediction> {
  private static final long serialVersionUID = 1L;
  static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private final ArrayList<String> carriedNames;

  /**
   * @param carriedNames the field for each carried value
   */
  public PredictionEncoder(List<String> carriedNames) {
    this.carriedNames = new ArrayList<>(carriedNames);
  }

  /** One JSON object, without a newline. */
  @Override
  public byte[] serialize(Prediction prediction) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("key", prediction.key());
      json.writeNumberProperty("t", prediction.t());
      text(json, "token", prediction.token());
      text(json, "label", prediction.label());
      numbers(json, "prediction", prediction.prediction());
      numbers(json, "logits", prediction.logits());
      numbers(json, "hidden", prediction.hidden());
      number(json, "seq", prediction.seq());
      number(json, "timestamp", prediction.timestamp());
      text(json, "model", prediction.model());
      carried(json, prediction.carried());
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  static void text(JsonGenerator json, String name, String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  static void number(JsonGenerator json, String name, Long value) {
    if (value != null) {
      json.writeNumberProperty(name, value);
    }
  }

  static void numbers(JsonGenerator json, String name, float[] values) {
    if (values != null) {
      json.writeArrayPropertyStart(name);
      for (float value : values) {
        json.writeNumber(value);
      }
      json.writeEndArray();
    }
  }

  private void carried(JsonGenerator json, String[] values) {
    if (values == null) {
      return;
    }
    for (int i = 0; i < Math.min(values.length, carriedNames.size()); i++) {
      if (values[i] != null) {
        json.writeName(carriedNames.get(i));
        json.writeRawValue(values[i]);
      }
    }
  }
}
