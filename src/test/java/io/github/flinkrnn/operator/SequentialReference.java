package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The recurrence without Flink: one stepper, one map of hidden states, one token after another. */
public final class SequentialReference {
  private record Sequence(long t, float[] hidden) {}

  private final RnnModel model;
  private final RnnStepper stepper;
  private final Map<String, Sequence> sequences = new HashMap<>();

  public SequentialReference(RnnModel model) {
    this.model = model;
    this.stepper = model.stepper();
  }

  /** Computes the step of the token, and applies its {@code start} and {@code end}. */
  public StepBits step(Token token) {
    if (token.start()) {
      forget(token.key());
    }
    Sequence previous = sequences.getOrDefault(token.key(), new Sequence(0, model.initialState()));
    float[] next = new float[model.stateSize()];
    if (model.input() instanceof ModelInput.Words words) {
      stepper.step(words.vocabulary().id(token.token()), previous.hidden(), next);
    } else {
      stepper.step(token.features(), previous.hidden(), next);
    }
    long t = previous.t() + 1;
    sequences.put(token.key(), new Sequence(t, next));
    if (token.end()) {
      forget(token.key());
    }
    float[] logits = stepper.logits(next);
    return StepBits.of(token.key(), t, stepper.hidden(next), logits, stepper.prediction(logits));
  }

  /** The steps of these tokens, in this order. */
  public List<StepBits> steps(List<Token> tokens) {
    List<StepBits> steps = new ArrayList<>();
    for (Token token : tokens) {
      steps.add(step(token));
    }
    return steps;
  }

  /** Removes the state of the key, so that its next token is its first. */
  public void forget(String key) {
    sequences.remove(key);
  }
}
