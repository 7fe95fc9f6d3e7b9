package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The job continues from a savepoint with the jar of an earlier version until that version emits
 * predictions. Then it continues from a savepoint of that version with the current jar.
 */
final class OtherJar implements Fault {
  @Override
  public String name() {
    return "roll-back-and-forth";
  }

  @Override
  public Optional<String> hindrance(Scene scene) {
    return scene.otherJar().isPresent()
        ? Optional.empty()
        : Optional.of("no job jar of an earlier version");
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    Path jar = scene.otherJar().orElseThrow();
    scene.job().submitBy(jar, scene.job().stop());
    long left = scene.ledger().await(scene.ledger().mark(), Duration.ofMinutes(2));
    if (left > 0) {
      throw new IOException("the earlier version does not answer: " + left + " predictions wait");
    }
    scene.job().submit(Optional.of(scene.job().stop()));
    return name();
  }
}
