package io.github.flinkrnn.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The job goes on from a savepoint in the jar of an earlier version, until that one answers, and
 * then from a savepoint of that one in the jar of this version.
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
  public String strike(Scene scene) throws IOException, InterruptedException {
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
