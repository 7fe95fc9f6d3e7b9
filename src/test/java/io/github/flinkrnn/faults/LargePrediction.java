package io.github.flinkrnn.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;

/**
 * A token that is as long as a token may be, on a key of its own: its prediction repeats it, and is
 * longer than the job's producer sends. It becomes one dead letter.
 */
final class LargePrediction implements Fault {
  /** What the job's producer sends at most; the token's word has more characters. */
  static final int MAX_REQUEST = 50_000;

  @Override
  public String name() {
    return "large-prediction";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    String word = "x".repeat(MAX_REQUEST);
    String token = "{\"key\":\"large\",\"token\":\"" + word + "\",\"end\":true}";
    scene.deadLetters().expect(scene.load().sendBad("large", token.getBytes(UTF_8)));
    return name();
  }
}
