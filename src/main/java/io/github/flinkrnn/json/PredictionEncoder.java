package io.github.flinkrnn.json;

import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import tools.jackson.core.io.SerializedString;

/**
 * Writes predictions as JSON objects in UTF-8. Numbers are the shortest decimals that read back as
 * the same float32. Not thread-safe: each sink has its own.
 */
@Internal
public final class PredictionEncoder implements SerializationSchema<Prediction> {
  private static final long serialVersionUID = 1L;

  private static final SerializedString KEY = new SerializedString("key");
  private static final SerializedString T = new SerializedString("t");
  private static final SerializedString TOKEN = new SerializedString("token");
  private static final SerializedString LABEL = new SerializedString("label");
  private static final SerializedString PREDICTION = new SerializedString("prediction");
  private static final SerializedString LOGITS = new SerializedString("logits");
  private static final SerializedString HIDDEN = new SerializedString("hidden");
  private static final SerializedString ERROR = new SerializedString("error");
  private static final SerializedString SURPRISE = new SerializedString("surprise");
  private static final SerializedString RANK = new SerializedString("rank");
  private static final SerializedString TOP = new SerializedString("top");
  private static final SerializedString OUTPUTS = new SerializedString("outputs");
  private static final SerializedString GENERATED = new SerializedString("generated");
  private static final SerializedString FINAL = new SerializedString("final");
  private static final SerializedString SEQ = new SerializedString("seq");
  private static final SerializedString TIMESTAMP = new SerializedString("timestamp");
  private static final SerializedString MODEL = new SerializedString("model");

  private final ArrayList<SerializedString> carriedNames = new ArrayList<>();
  private transient JsonLine line;

  /**
   * @param carriedNames the name of each carried value's field
   */
  public PredictionEncoder(List<String> carriedNames) {
    for (String name : carriedNames) {
      this.carriedNames.add(new SerializedString(name));
    }
  }

  /** One JSON object, without a newline. */
  @Override
  public byte[] serialize(Prediction prediction) {
    JsonLine to = line == null ? new JsonLine() : line;
    line = null; // an exception leaves a partial object in it
    to.json.writeStartObject();
    to.json.writeName(KEY);
    to.json.writeString(prediction.key());
    to.json.writeName(T);
    to.json.writeNumber(prediction.t());
    to.text(TOKEN, prediction.token());
    to.text(LABEL, prediction.label());
    to.numbers(PREDICTION, prediction.prediction());
    to.numbers(LOGITS, prediction.logits());
    to.numbers(HIDDEN, prediction.hidden());
    if (prediction.surprise() != null) {
      to.json.writeName(SURPRISE);
      to.json.writeNumber((float) prediction.surprise());
    }
    if (prediction.rank() != null) {
      to.json.writeName(RANK);
      to.json.writeNumber((int) prediction.rank());
    }
    if (prediction.error() != null) {
      to.json.writeName(ERROR);
      to.json.writeNumber((float) prediction.error());
    }
    top(to, prediction.top(), prediction.topPrediction());
    outputs(to, prediction.outputs());
    if (prediction.generated()) {
      to.json.writeName(GENERATED);
      to.json.writeBoolean(true);
    }
    if (prediction.isFinal() != null) {
      to.json.writeName(FINAL);
      to.json.writeBoolean(prediction.isFinal());
    }
    to.number(SEQ, prediction.seq());
    to.number(TIMESTAMP, prediction.timestamp());
    to.text(MODEL, prediction.model());
    carried(to, prediction.carried());
    to.json.writeEndObject();
    byte[] json = to.take();
    line = to.isWorthKeeping(json) ? to : null;
    return json;
  }

  private static void top(JsonLine to, String[] names, float[] values) {
    if (names == null) {
      return;
    }
    to.json.writeName(TOP);
    to.json.writeStartArray();
    for (int i = 0; i < names.length; i++) {
      to.json.writeStartObject();
      to.text(LABEL, names[i]);
      to.json.writeName(PREDICTION);
      to.json.writeNumber(values[i]);
      to.json.writeEndObject();
    }
    to.json.writeEndArray();
  }

  private static void outputs(JsonLine to, HeadOutput[] outputs) {
    if (outputs == null) {
      return;
    }
    to.json.writeName(OUTPUTS);
    to.json.writeStartObject();
    for (HeadOutput output : outputs) {
      to.json.writeName(output.name());
      to.json.writeStartObject();
      to.text(LABEL, output.label());
      to.numbers(PREDICTION, output.prediction());
      to.numbers(LOGITS, output.logits());
      top(to, output.top(), output.topPrediction());
      to.json.writeEndObject();
    }
    to.json.writeEndObject();
  }

  private void carried(JsonLine to, String[] values) {
    if (values == null) {
      return;
    }
    for (int i = 0; i < Math.min(values.length, carriedNames.size()); i++) {
      if (values[i] != null) {
        to.json.writeName(carriedNames.get(i));
        to.json.writeRawValue(values[i]);
      }
    }
  }
}
