package io.github.flinkrnn.sequence;

import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized form of a prediction, format 1, in the parts that {@link RecordBytes} defines:
 *
 * <pre>
 * number   how many bytes follow
 * number   which fields are present, one bit each, from the lowest: token, label, prediction,
 *          logits, hidden, seq, timestamp, model, carried, surprise, rank, top, generated,
 *          source, error, outputs, final, provisional
 * string   key
 * number   t
 * string   token
 * string   label
 * floats   prediction
 * floats   logits
 * floats   hidden
 * signed   seq
 * signed   timestamp
 * string   model
 * number   how many carried values, then a string for each
 * floats   surprise (one float)
 * number   rank
 * number   how many names in top, then a string for each
 * floats   topPrediction
 * floats   error (one float)
 *          (generated, final and provisional have only their bits)
 * outputs  how many heads (number), then for each: its name (string), a number whose bits are label,
 *          prediction, logits and top, and these fields as above
 * source   as {@link SourceRecordSerializer} writes it, without its length
 * </pre>
 *
 * A field whose bit is not set is left out.
 */
@Internal
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
  private static final int SURPRISE = 1 << 9;
  private static final int RANK = 1 << 10;
  private static final int TOP = 1 << 11;
  private static final int GENERATED = 1 << 12;
  private static final int SOURCE = 1 << 13;
  private static final int ERROR = 1 << 14;
  private static final int OUTPUTS = 1 << 15;
  private static final int FINAL = 1 << 16;
  private static final int PROVISIONAL = 1 << 17;
  private static final int FIELDS = 18;

  private static final int HEAD_LABEL = 1;
  private static final int HEAD_PREDICTION = 1 << 1;
  private static final int HEAD_LOGITS = 1 << 2;
  private static final int HEAD_TOP = 1 << 3;
  private static final int HEAD_FIELDS = 4;
  private static final int HEAD_BYTES = 2; // at least, for a name and its bits

  private static final int FORMAT = 1;

  public PredictionSerializer() {
    super(WHAT);
  }

  @Override
  public void write(Prediction prediction, RecordBytes to) throws IOException {
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
    if (prediction.surprise() != null) {
      to.floats(new float[] {prediction.surprise()});
    }
    if (prediction.rank() != null) {
      to.number(prediction.rank());
    }
    if (prediction.top() != null) {
      to.texts(prediction.top());
      to.floats(prediction.topPrediction());
    }
    if (prediction.error() != null) {
      to.floats(new float[] {prediction.error()});
    }
    if (prediction.outputs() != null) {
      to.number(prediction.outputs().length);
      for (HeadOutput output : prediction.outputs()) {
        write(output, to);
      }
    }
    if (prediction.source() != null) {
      SourceRecordSerializer.writeFields(prediction.source(), to);
    }
  }

  private static void write(HeadOutput output, RecordBytes to) throws IOException {
    to.text(output.name());
    to.number(
        (output.label() == null ? 0 : HEAD_LABEL)
            | (output.prediction() == null ? 0 : HEAD_PREDICTION)
            | (output.logits() == null ? 0 : HEAD_LOGITS)
            | (output.top() == null ? 0 : HEAD_TOP));
    if (output.label() != null) {
      to.text(output.label());
    }
    if (output.prediction() != null) {
      to.floats(output.prediction());
    }
    if (output.logits() != null) {
      to.floats(output.logits());
    }
    if (output.top() != null) {
      to.texts(output.top());
      to.floats(output.topPrediction());
    }
  }

  private static HeadOutput readOutput(RecordBytes from) throws IOException {
    String name = from.readText();
    long there = from.readPresence(HEAD_FIELDS);
    return new HeadOutput(
        name,
        (there & HEAD_LABEL) == 0 ? null : from.readText(),
        (there & HEAD_PREDICTION) == 0 ? null : from.readFloats(),
        (there & HEAD_LOGITS) == 0 ? null : from.readFloats(),
        (there & HEAD_TOP) == 0 ? null : from.readTexts(),
        (there & HEAD_TOP) == 0 ? null : from.readFloats());
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
        | (prediction.carried() == null ? 0 : CARRIED)
        | (prediction.surprise() == null ? 0 : SURPRISE)
        | (prediction.rank() == null ? 0 : RANK)
        | (prediction.top() == null ? 0 : TOP)
        | (prediction.generated() ? GENERATED : 0)
        | (prediction.source() == null ? 0 : SOURCE)
        | (prediction.error() == null ? 0 : ERROR)
        | (prediction.outputs() == null ? 0 : OUTPUTS)
        | (prediction.isFinal() == null ? 0 : prediction.isFinal() ? FINAL : PROVISIONAL);
  }

  @Override
  public Prediction read(RecordBytes from) throws IOException {
    long there = from.readPresence(FIELDS);
    String key = from.readText();
    long t = from.readNumber();
    String token = (there & TOKEN) == 0 ? null : from.readText();
    String label = (there & LABEL) == 0 ? null : from.readText();
    float[] prediction = (there & PREDICTION) == 0 ? null : from.readFloats();
    float[] logits = (there & LOGITS) == 0 ? null : from.readFloats();
    float[] hidden = (there & HIDDEN) == 0 ? null : from.readFloats();
    Long seq = (there & SEQ) == 0 ? null : (Long) from.readSignedNumber();
    Long timestamp = (there & TIMESTAMP) == 0 ? null : (Long) from.readSignedNumber();
    String name = (there & MODEL) == 0 ? null : from.readModel();
    String[] carried = (there & CARRIED) == 0 ? null : from.readTexts();
    Float surprise = (there & SURPRISE) == 0 ? null : (Float) one(from.readFloats(), "surprise");
    Integer rank = (there & RANK) == 0 ? null : (Integer) rank(from.readNumber());
    String[] top = (there & TOP) == 0 ? null : from.readTexts();
    float[] topPrediction = (there & TOP) == 0 ? null : from.readFloats();
    Float error = (there & ERROR) == 0 ? null : (Float) one(from.readFloats(), "error");
    HeadOutput[] outputs = null;
    if ((there & OUTPUTS) != 0) {
      outputs = new HeadOutput[from.readCount(HEAD_BYTES)];
      for (int h = 0; h < outputs.length; h++) {
        outputs[h] = readOutput(from);
      }
    }
    return new Prediction(
        key,
        t,
        token,
        label,
        prediction,
        logits,
        hidden,
        surprise,
        rank,
        error,
        top,
        topPrediction,
        outputs,
        (there & GENERATED) != 0,
        isFinal(there),
        seq,
        timestamp,
        name,
        carried,
        (there & SOURCE) == 0 ? null : SourceRecordSerializer.readFields(from));
  }

  private static Boolean isFinal(long there) throws IOException {
    if ((there & FINAL) != 0 && (there & PROVISIONAL) != 0) {
      throw new IOException(WHAT + ": expected final or provisional, found both");
    }
    return (there & (FINAL | PROVISIONAL)) == 0 ? null : (Boolean) ((there & FINAL) != 0);
  }

  private static float one(float[] floats, String field) throws IOException {
    if (floats.length != 1) {
      throw new IOException(
          WHAT + ": expected one number for its " + field + ", found " + floats.length);
    }
    return floats[0];
  }

  private static int rank(long rank) throws IOException {
    if (rank < 0 || rank > Integer.MAX_VALUE) {
      throw new IOException(WHAT + ": expected a rank from 0, found " + rank);
    }
    return (int) rank;
  }

  @Override
  public Prediction createInstance() {
    return new Prediction("", 1, null, null, null, null, null, null, null, null, null);
  }

  @Override
  public TypeSerializerSnapshot<Prediction> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of predictions in a savepoint. */
  public static final class Snapshot extends Format<Prediction> {
    public Snapshot() {
      super(WHAT, FORMAT, PredictionSerializer::new);
    }
  }
}
