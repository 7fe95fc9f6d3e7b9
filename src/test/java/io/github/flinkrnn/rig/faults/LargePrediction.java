package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;

/**
 * A token of the maximum length, on a separate key. Its prediction repeats it, and is larger than
 * the job's producer can send. It becomes one dead letter.
 */
final class LargePrediction implements Fault {
  /** The maximum request size of the job's producer. The word of the token has more characters. */
  static final int MAX_REQUEST = 50_000;

  @Override
  public String name() {
    return "large-prediction";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    String word = "x".repeat(MAX_REQUEST);
    String token = "{\"key\":\"large\",\"token\":\"" + word + "\",\"end\":true}";
    scene.deadLetters().expect(scene.load().sendBad("large", token.getBytes(UTF_8)));
    return name();
  }
}
