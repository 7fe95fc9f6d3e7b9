package io.github.flinkrnn;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * JVM flags for the processes that integration tests start. Most of them run for seconds, so they
 * spend most of their time loading and compiling classes. The build sets the flags; without it,
 * there are none, as in {@code jobs/faults.sh}.
 */
public final class ChildJvm {
  private static final Path ARCHIVE = Path.of("target/launcher.jsa");

  private ChildJvm() {}

  /** The flags of each process. */
  public static List<String> flags() {
    String flags = System.getProperty("child.jvm.flags", "").strip();
    return flags.isEmpty() ? List.of() : List.of(flags.split("\\s+"));
  }

  /**
   * The flags of {@code jobs/run.sh}, with a class data sharing archive of the classes that a run
   * loads. The first call of a build writes it.
   */
  public static String launcherFlags() throws IOException, InterruptedException {
    String flags = String.join(" ", flags());
    if (flags.isEmpty()) {
      return "";
    }
    Path lock = ARCHIVE.resolveSibling("launcher.jsa.lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) { // two JVMs of tests run side by side
      Path jar = Path.of(System.getProperty("job.jar"));
      boolean isFresh =
          Files.exists(ARCHIVE)
              && Files.getLastModifiedTime(ARCHIVE).compareTo(Files.getLastModifiedTime(jar)) > 0;
      if (held.isValid() && !isFresh) {
        writeArchive(flags);
      }
    }
    return Files.exists(ARCHIVE)
        ? flags + " -XX:SharedArchiveFile=" + ARCHIVE.toAbsolutePath()
        : flags;
  }

  private static void writeArchive(String flags) throws IOException, InterruptedException {
    Files.deleteIfExists(ARCHIVE);
    ProcessBuilder run =
        new ProcessBuilder(
                "bash",
                "jobs/run.sh",
                "name-tagging",
                "--input=jobs/name-tagging/tokens.jsonl",
                "--output=/dev/null")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    run.environment()
        .put(
            "FLINK_RNN_JAVA_OPTS", flags + " -XX:ArchiveClassesAtExit=" + ARCHIVE.toAbsolutePath());
    run.start().waitFor();
  }
}
