package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.model.Scores;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@link SimulationReference} computes with a model, and the text of its predictions. */
final class SimulatedSteps {
  private final RnnModel model;
  private final RnnStepper stepper;
  private final Setup setup;

  SimulatedSteps(RnnModel model, Setup setup) {
    this.model = model;
    this.setup = setup;
    stepper = model.stepper();
  }

  boolean ofWords() {
    return model.input() instanceof ModelInput.Words;
  }

  Reason refusal(Token token) {
    if (!ofWords()) {
      return SimulatedFields.refusal(token);
    }
    boolean known = ((ModelInput.Words) model.input()).vocabulary().holds(token.token());
    return known ? null : Reason.UNKNOWN_TOKEN;
  }

  /** x&lt;t&gt;, of a word its id; null if the model cannot take the token. */
  float[] x(SimulatedKey key, Token token, boolean begins) {
    return ofWords()
        ? new float[] {((ModelInput.Words) model.input()).vocabulary().id(token.token())}
        : SimulatedFields.x(token, begins ? null : key.x, key.stepTime);
  }

  String maker() {
    return setup.model() + "/" + setup.sequence().window();
  }

  String endsAfter(Token token, long t) {
    if (token.end()) {
      return "end";
    }
    if (token.token().equals(setup.sequence().endToken())) {
      return "end-token";
    }
    int longest = setup.sequence().maxLength();
    return longest > 0 && t >= longest ? "max-length" : null;
  }

  float[] next(float[] kept, float[] x) {
    int window = setup.sequence().window();
    if (window > 0) {
      List<Float> numbers = new ArrayList<>();
      for (int i = 0; kept != null && i < kept.length; i++) {
        numbers.add(kept[i]);
      }
      for (float number : x) {
        numbers.add(number);
      }
      int most = window * x.length;
      List<Float> left = numbers.subList(Math.max(0, numbers.size() - most), numbers.size());
      float[] next = new float[left.size()];
      for (int i = 0; i < next.length; i++) {
        next[i] = left.get(i);
      }
      return next;
    }
    return stepped(kept == null ? model.initialState() : kept, x);
  }

  private float[] stepped(float[] previous, float[] x) {
    float[] next = new float[model.stateSize()];
    if (ofWords()) {
      stepper.step((int) x[0], previous, next);
    } else {
      stepper.stepRead(x, previous, next);
    }
    return next;
  }

  /** The state after step t. */
  float[] hidden(float[] kept) {
    if (setup.sequence().window() == 0) {
      return kept;
    }
    int width = ofWords() ? 1 : SimulatedFields.SLOTS;
    float[] a = model.initialState();
    for (int at = 0; at < kept.length; at += width) {
      a = stepped(a, Arrays.copyOfRange(kept, at, at + width));
    }
    return a;
  }

  boolean isEmitted(Emit.When when, float[] before, float[] a) {
    float[] logits = stepper.logits(a);
    return switch (when) {
      case CHANGE ->
          before == null || Scores.largestAt(stepper.logits(before)) != Scores.largestAt(logits);
      case ABOVE -> {
        float[] y = stepper.prediction(logits);
        yield y[Scores.largestAt(y)] > setup.output().emit().limit();
      }
      default -> true;
    };
  }

  /** The predictions of the words that are generated after step t. */
  List<String> generated(Token prompt, long t, float[] kept, float[] x) {
    List<String> all = new ArrayList<>();
    WordOutputs words = WordOutputs.of(model);
    float[] now = kept;
    for (int i = 1; i <= setup.sequence().generation().max(); i++) {
      int output = Scores.largestAt(stepper.logits(hidden(now)));
      String word = words.name(output);
      float[] next = x.clone();
      next[0] = words.wordOf(output); // the word is the first slot
      now = next(now, next);
      all.add(prediction(prompt.key(), t + i, word, hidden(now), true, prompt));
      if (word.equals(setup.sequence().generation().until())) {
        break;
      }
    }
    return all;
  }

  String prediction(String key, long t, String word, float[] a, boolean generated, Token token) {
    return prediction(key, t, word, a, generated, null, token);
  }

  String prediction(
      String key, long t, String word, float[] a, boolean generated, Boolean isFinal, Token token) {
    boolean several = !model.headNames().isEmpty();
    StringBuilder heads = new StringBuilder();
    float[][] logits = new float[model.heads().size()][];
    for (int h = 0; h < logits.length; h++) {
      logits[h] = new float[model.heads().get(h).size()];
    }
    stepper.logits(a, logits);
    for (int h = 0; several && h < logits.length; h++) {
      float[] y = stepper.prediction(h, logits[h]);
      heads.append(
          Simulation.head(
              model.headNames().get(h),
              stepper.label(h, logits[h]),
              setup.output().topK() > 0 ? null : y,
              top(h, y)));
    }
    float[] y = stepper.prediction(logits[0]);
    return Simulation.text(
        key,
        t,
        word,
        several ? null : stepper.label(logits[0]),
        several || setup.output().topK() > 0 ? null : y,
        stepper.hidden(a),
        several ? null : top(0, y),
        heads.toString(),
        generated,
        isFinal,
        generated ? null : token.seq(),
        generated || !setup.output().has(OutputField.TIMESTAMP) ? null : token.timestamp());
  }

  private String top(int head, float[] y) {
    int largest = Scores.largestAt(y);
    return setup.output().topK() == 0
        ? null
        : model.outputName(head, largest) + " " + Float.toHexString(y[largest]);
  }
}
