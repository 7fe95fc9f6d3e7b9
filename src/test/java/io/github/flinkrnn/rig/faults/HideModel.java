package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The model directory is missing when a TaskManager dies, until a restart of the job fails because
 * of it. The directory is moved away, because permissions do not restrict every user.
 */
final class HideModel implements Fault {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "unreadable-model";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    Path hidden = scene.model().resolveSibling("hidden");
    long since = System.currentTimeMillis();
    Files.move(scene.model(), hidden);
    try {
      new KillTaskManager().inject(scene);
      Scene.await(
          "failure of the job at its model",
          PATIENCE,
          () -> scene.job().failedOf(scene.model().toString(), since));
    } finally {
      Files.move(hidden, scene.model());
    }
    return name();
  }
}
