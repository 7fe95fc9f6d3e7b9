package io.github.flinkrnn.cli;

import io.github.flinkrnn.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code jobs/run.sh} as a user starts it, in a separate process. */
public final class Launcher {
  /**
   * The result of a run: its exit status, its standard output and standard error, and its duration.
   */
  public record Run(int status, List<String> stdout, List<String> stderr, double seconds) {}

  private static final long PATIENCE_SECONDS = 120;

  private final Path directory;
  private final Map<String, String> environment;

  /**
   * @param directory for the output of the processes
   */
  public Launcher(Path directory) {
    this(directory, Map.of());
  }

  /**
   * @param environment environment variables of the processes, in addition to those of this one
   */
  Launcher(Path directory, Map<String, String> environment) {
    this.directory = directory;
    this.environment = environment;
  }

  public Run run(String... arguments) throws IOException, InterruptedException {
    return run(null, arguments);
  }

  /**
   * @param stdin a file for the standard input, or null for none
   */
  Run run(Path stdin, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "jobs/run.sh"));
    command.addAll(List.of(arguments));
    return run(stdin, command);
  }

  /** A shell command line, for pipes. Its status is that of its first command. */
  Run shell(String line) throws IOException, InterruptedException {
    return run(null, List.of("bash", "-c", line + "; exit ${PIPESTATUS[0]}"));
  }

  /** Starts a run that does not end by itself. */
  Process start(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "jobs/run.sh"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("started.txt").toFile())
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("FLINK_RNN_LOG", directory.resolve("run.log").toString());
    builder.environment().put("FLINK_RNN_JAVA_OPTS", ChildJvm.launcherFlags());
    return builder.start();
  }

  private Run run(Path stdin, List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "stdout", null);
    Path err = Files.createTempFile(directory, "stderr", null);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("FLINK_RNN_LOG", directory.resolve("run.log").toString());
    builder.environment().put("FLINK_RNN_JAVA_OPTS", ChildJvm.launcherFlags());
    builder.redirectInput(stdin == null ? Path.of("/dev/null").toFile() : stdin.toFile());
    long begin = System.nanoTime();
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " still runs; stderr: " + Files.readString(err));
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Run(process.exitValue(), Files.readAllLines(out), Files.readAllLines(err), seconds);
  }
}
