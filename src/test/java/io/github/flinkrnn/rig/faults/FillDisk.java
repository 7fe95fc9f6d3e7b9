package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Fills the disk of the checkpoints until a checkpoint fails because of it. Then space is freed.
 */
final class FillDisk implements Fault {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PIECE = 1 << 16;

  @Override
  public String name() {
    return "full-disk";
  }

  @Override
  public Optional<String> hindrance(Scene scene) {
    return scene.disk().isPresent()
        ? Optional.empty()
        : Optional.of("no file system of its own for the checkpoints (unshare is not permitted)");
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    Path filler = scene.disk().orElseThrow().resolve("filler");
    long failures = scene.job().failures();
    long failed = scene.job().failedCheckpoints();
    try {
      fill(filler);
      Scene.await(
          "failure of a checkpoint on a full disk",
          PATIENCE,
          () -> scene.job().failures() > failures || scene.job().failedCheckpoints() > failed);
    } finally {
      Files.deleteIfExists(filler);
    }
    return name();
  }

  /** Writes ever smaller pieces, to the last byte. */
  private static void fill(Path filler) throws IOException {
    byte[] bytes = new byte[PIECE];
    int length = PIECE;
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (length > 0) {
        try {
          out.write(bytes, 0, length);
        } catch (IOException full) {
          length /= 2;
        }
      }
    }
  }
}
