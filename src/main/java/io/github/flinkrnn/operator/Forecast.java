package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.rules.Emit;
import java.util.List;

/**
 * A head whose outputs at step t-1 are a forecast of numbers of x&lt;t&gt;: of all of them, or of
 * the one vector among the fields that is as long.
 *
 * @param head the index of the head
 * @param at the first of the numbers
 * @param size how many numbers
 * @param parts of x&lt;t&gt;, which say what replaces missing numbers; empty for plain features
 */
record Forecast(int head, int at, int size, List<InputPart> parts) {
  /**
   * The head that the rule names, or the first one that fits; null if none does.
   *
   * @param emit the emission rule
   */
  static Forecast of(RnnModel model, Emit emit) {
    boolean isNamed = emit.of() != null && emit.when() == Emit.When.ERROR_ABOVE;
    for (int h = 0; h < model.heads().size(); h++) {
      Head head = model.heads().get(h);
      int at = isNamed && !head.name().equals(emit.of()) ? -1 : at(model.input(), head.size());
      if (at >= 0) {
        boolean ofFields = model.input() instanceof ModelInput.Fields;
        List<InputPart> parts =
            ofFields ? ((ModelInput.Fields) model.input()).parts() : List.<InputPart>of();
        return new Forecast(h, at, head.size(), parts);
      }
    }
    return null;
  }

  private static int at(ModelInput input, int outputs) {
    if (input instanceof ModelInput.Fields fields) {
      return fields.forecastAt(outputs);
    }
    return input instanceof ModelInput.Features features && features.size() == outputs ? 0 : -1;
  }

  /**
   * The mean squared difference of the forecast and the numbers.
   *
   * @param logits of the head at step t-1
   * @param x of step t, as {@link TokenReader#x} returns it
   */
  float error(RnnStepper numbers, float[] logits, float[] x) {
    return numbers.errorRead(head, logits, parts.isEmpty() ? x : numbers(x));
  }

  /** The numbers, with those that replace missing ones. */
  private float[] numbers(float[] x) {
    float[] found = new float[size];
    int from = 0;
    for (InputPart part : parts) {
      for (int slot = 0; slot < part.slots(); slot++) {
        int i = from + slot - at;
        if (i >= 0 && i < size) {
          found[i] = part.valueOf(x, from, slot);
        }
      }
      from += part.slots();
    }
    return found;
  }
}
