package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;

/**
 * One step with its numbers as hexadecimal floats. Two are equal if every bit is, and the message
 * of a failed comparison is readable.
 */
public record StepBits(String key, long t, String hidden, String logits, String prediction) {
  public static StepBits of(Prediction prediction) {
    return of(
        prediction.key(),
        prediction.t(),
        prediction.hidden(),
        prediction.logits(),
        prediction.prediction());
  }

  static StepBits of(String key, long t, float[] hidden, float[] logits, float[] prediction) {
    return new StepBits(key, t, hex(hidden), hex(logits), hex(prediction));
  }

  private static String hex(float[] numbers) {
    StringBuilder text = new StringBuilder();
    for (float number : numbers) {
      text.append(text.isEmpty() ? "" : " ").append(Float.toHexString(number));
    }
    return text.toString();
  }
}
