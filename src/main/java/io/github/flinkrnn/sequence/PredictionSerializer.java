package io.github.flinkrnn.sequence;

import static org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO;

import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The bytes of a prediction, format 1, in the pieces of {@link RecordBytes}:
 *
 * <pre>
 * number   of the bytes that follow
 * number   which fields are there, a bit each, the lowest first: token, label, prediction, logits,
 *          hidden, seq, timestamp, model, carried
 * text     key
 * number   t
 * text     token
 * text     label
 * floats   prediction
 * floats   logits
 * floats   hidden
 * signed   seq
 * signed   timestamp
 * text     model
 * number   of carried values, then a text each
 * </pre>
 *
 * A field whose bit is not set is left out.
 */
public final class PredictionSerializer extends RecordSerializer<Prediction> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a prediction";

  private static final int TOKEN = 1;
  private static final int LABEL = 1 << 1;
  private static final int PREDICTION = 1 << 2;
  private static final int LOGITS = 1 << 3;
  private static final int HIDDEN = 1 << 4;
  private static final int SEQ = 1 << 5;
  private static final int TIMESTAMP = 1 << 6;
  private static final int MODEL = 1 << 7;
  private static final int CARRIED = 1 << 8;
  private static final int FIELDS = 9;

  private transient LastText model;

  public PredictionSerializer() {
    super(WHAT);
  }

  @Override
  void write(Prediction prediction, RecordBytes to) throws IOException {
    to.number(there(prediction));
    to.text(prediction.key());
    to.number(prediction.t());
    if (prediction.token() != null) {
      to.text(prediction.token());
    }
    if (prediction.label() != null) {
      to.text(prediction.label());
    }
    if (prediction.prediction() != null) {
      to.floats(prediction.prediction());
    }
    if (prediction.logits() != null) {
      to.floats(prediction.logits());
    }
    if (prediction.hidden() != null) {
      to.floats(prediction.hidden());
    }
    if (prediction.seq() != null) {
      to.signedNumber(prediction.seq());
    }
    if (prediction.timestamp() != null) {
      to.signedNumber(prediction.timestamp());
    }
    if (prediction.model() != null) {
      to.text(prediction.model());
    }
    if (prediction.carried() != null) {
      to.texts(prediction.carried());
    }
  }

  private static int there(Prediction prediction) {
    return (prediction.token() == null ? 0 : TOKEN)
        | (prediction.label() == null ? 0 : LABEL)
        | (prediction.prediction() == null ? 0 : PREDICTION)
        | (prediction.logits() == null ? 0 : LOGITS)
        | (prediction.hidden() == null ? 0 : HIDDEN)
        | (prediction.seq() == null ? 0 : SEQ)
        | (prediction.timestamp() == null ? 0 : TIMESTAMP)
        | (prediction.model() == null ? 0 : MODEL)
        | (prediction.carried() == null ? 0 : CARRIED);
  }

  @Override
  Prediction read(RecordBytes from) throws IOException {
    if (model == null) {
      model = new LastText();
    }
    long there = from.readPresence(FIELDS);
    return new Prediction(
        from.readText(),
        from.readNumber(),
        (there & TOKEN) == 0 ? null : from.readText(),
        (there & LABEL) == 0 ? null : from.readText(),
        (there & PREDICTION) == 0 ? null : from.readFloats(),
        (there & LOGITS) == 0 ? null : from.readFloats(),
        (there & HIDDEN) == 0 ? null : from.readFloats(),
        (there & SEQ) == 0 ? null : (Long) from.readSignedNumber(),
        (there & TIMESTAMP) == 0 ? null : (Long) from.readSignedNumber(),
        (there & MODEL) == 0 ? null : from.readText(model),
        (there & CARRIED) == 0 ? null : from.readTexts());
  }

  @Override
  public Prediction createInstance() {
    return new Prediction("", 1, null, null, null, null, null, null, null, null, null);
  }

  @Override
  public PredictionSerializer duplicate() {
    return new PredictionSerializer();
  }

  @Override
  public TypeSerializerSnapshot<Prediction> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of predictions in a savepoint. */
  public static final class Snapshot extends Format<Prediction> {
    public Snapshot() {
      super(WHAT, PredictionSerializer::new);
    }
  }

  /** Gives a stream of predictions this serializer. */
  public static final class OfPredictions extends TypeInfoFactory<Prediction> {
    @Override
    public TypeInformation<Prediction> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return RecordType.of(
          Prediction.class,
          Map.ofEntries(
              Map.entry("key", Types.STRING),
              Map.entry("t", Types.LONG),
              Map.entry("token", Types.STRING),
              Map.entry("label", Types.STRING),
              Map.entry("prediction", FLOAT_PRIMITIVE_ARRAY_TYPE_INFO),
              Map.entry("logits", FLOAT_PRIMITIVE_ARRAY_TYPE_INFO),
              Map.entry("hidden", FLOAT_PRIMITIVE_ARRAY_TYPE_INFO),
              Map.entry("seq", Types.LONG),
              Map.entry("timestamp", Types.LONG),
              Map.entry("model", Types.STRING),
              Map.entry("carried", BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO)),
          new PredictionSerializer());
    }
  }
}
