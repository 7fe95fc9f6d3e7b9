package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.sequence.Prediction;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The predictions of a run without faults: a plain loop with one step per token, and hidden states
 * in a map. Not thread-safe.
 */
public final class Reference implements ExpectedPredictions {
  private record Sequence(long t, float[] hidden) {}

  private final RnnModel model;
  private final RnnStepper stepper;
  private final PredictionEncoder encoder = new PredictionEncoder(List.of());
  private final Map<String, Sequence> sequences = new HashMap<>();

  /**
   * @param model a model of words
   */
  public Reference(RnnModel model) {
    this.model = model;
    this.stepper = model.stepper();
  }

  @Override
  public List<byte[]> of(String key, String word, long seq, boolean end) {
    return List.of(step(key, word, seq, end));
  }

  /**
   * Computes the step of the token.
   *
   * @return the prediction record, with the fields token, label, prediction and seq
   */
  public byte[] step(String key, String word, long seq, boolean end) {
    Sequence before = sequences.getOrDefault(key, new Sequence(0, model.initialState()));
    float[] next = new float[model.stateSize()];
    int id = ((ModelInput.Words) model.input()).vocabulary().id(word);
    stepper.step(id, before.hidden(), next);
    long t = before.t() + 1;
    if (end) {
      sequences.remove(key);
    } else {
      sequences.put(key, new Sequence(t, next));
    }
    float[] logits = stepper.logits(next);
    return encoder.serialize(
        new Prediction(
            key,
            t,
            word,
            stepper.label(logits),
            stepper.prediction(logits),
            null,
            null,
            seq,
            null,
            null,
            null));
  }
}
