package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;

/** Records that are not tokens, among the tokens of a sequence. Each becomes one dead letter. */
final class PoisonRecords implements Fault {
  private static final List<byte[]> POISON =
      List.of(
          "{\"key\":\"k1\",\"token\":true}".getBytes(UTF_8),
          "{\"key\":\"k1\",\"token\":\"the\"".getBytes(UTF_8),
          "{\"key\":\"k1\"}".getBytes(UTF_8),
          "[".repeat(10_000).getBytes(UTF_8),
          new byte[] {(byte) 0xff, 0, (byte) 0xfe},
          new byte[0]);

  @Override
  public String name() {
    return "poison-record";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    for (byte[] poison : POISON) {
      scene.deadLetters().expect(scene.load().sendBad("k1", poison));
    }
    return name();
  }
}
