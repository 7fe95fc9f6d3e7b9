package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The expected output of a job, computed one record after the other without Flink: a plain loop
 * over the records with a map from keys to hidden states.
 */
public final class SequentialReference {
  private record State(long t, float[] values) {}

  private final RnnModel model;
  private final RnnStepper stepper;
  private final TokenDecoder decoder;
  private final PredictionEncoder encoder = new PredictionEncoder(List.of());
  private final Map<String, State> states = new HashMap<>();
  private final Map<String, List<String>> byKey = new LinkedHashMap<>();
  private final List<String> inOrder = new ArrayList<>();
  private int rejected;

  public SequentialReference(RnnModel model) {
    this.model = model;
    this.stepper = model.stepper();
    this.decoder =
        new TokenDecoder(
            TokenFields.TOP_LEVEL,
            model.input() instanceof ModelInput.Words
                ? TokenDecoder.Reads.WORD
                : TokenDecoder.Reads.FEATURES,
            TokenDecoder.DEFAULT_MAX_BYTES);
  }

  /** Processes the next record of the input. */
  public void accept(byte[] record) {
    int length = record == null ? 0 : record.length;
    try {
      step(decoder.decode(new SourceRecord(null, record, length, null, new Origin("", 0, 0))));
    } catch (Rejection rejection) {
      rejected++;
    }
  }

  private void step(Token token) {
    State before = states.get(token.key());
    if (before == null || token.start()) {
      before = new State(0, model.initialState());
    }
    float[] next = new float[model.stateSize()];
    if (model.input() instanceof ModelInput.Words words) {
      stepper.step(words.vocabulary().id(token.token()), before.values(), next);
    } else {
      stepper.step(token.features(), before.values(), next);
    }
    if (token.end()) {
      states.remove(token.key());
    } else {
      states.put(token.key(), new State(before.t() + 1, next));
    }
    float[] logits = stepper.logits(next);
    Prediction prediction =
        new Prediction(
            token.key(),
            before.t() + 1,
            token.token(),
            stepper.label(logits),
            stepper.prediction(logits),
            null,
            null,
            null,
            null,
            null,
            null);
    String json = new String(encoder.serialize(prediction), UTF_8);
    byKey.computeIfAbsent(token.key(), k -> new ArrayList<>()).add(json);
    inOrder.add(json);
  }

  /** The predictions as JSON, a list per key, in the order of its tokens. */
  public Map<String, List<String>> byKey() {
    return byKey;
  }

  /** The predictions as JSON, in the order of the records. */
  public List<String> inOrder() {
    return inOrder;
  }

  public int rejected() {
    return rejected;
  }
}
