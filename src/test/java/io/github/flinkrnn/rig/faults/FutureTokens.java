package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Tokens with times in the future, from hours ahead to the largest time. Each becomes one dead
 * letter, event time does not advance to it, and no record with its time reaches a broker, which
 * would reject it.
 */
final class FutureTokens implements Fault {
  private static final Duration AHEAD = Duration.ofHours(2);

  @Override
  public String name() {
    return "future-token";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    long ahead = System.currentTimeMillis() + AHEAD.toMillis();
    for (long time : List.of(ahead, Long.MAX_VALUE)) {
      String token = "{\"key\":\"k1\",\"token\":\"the\",\"timestamp\":" + time + "}";
      scene.deadLetters().expect(scene.load().sendBad("k1", token.getBytes(UTF_8)));
    }
    return name();
  }
}
