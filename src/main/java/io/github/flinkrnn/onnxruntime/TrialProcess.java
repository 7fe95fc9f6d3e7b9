package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import io.github.flinkrnn.config.InvalidFileException;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A separate process that loads a graph and takes its first steps before this process does. Native
 * code processes an untrusted file there: it may crash the process, loop forever or take all
 * memory. Then the file is invalid, and this process continues. Not thread-safe.
 */
final class TrialProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrialProcess.class);

  /** The first byte of an answer: the outputs follow, or an error. */
  static final byte OUTPUTS = 1;

  static final byte REFUSAL = 2;

  private static final Duration END = Duration.ofSeconds(10);

  private final Process process;
  private final Path temporary;
  private final DataOutputStream out;
  private final DataInputStream in;

  private TrialProcess(Process process, Path temporary) {
    this.process = process;
    this.temporary = temporary;
    this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.in = new DataInputStream(process.getInputStream());
  }

  /** Starts the same Java with the classes of this project and ONNX Runtime. */
  static TrialProcess start() throws IOException {
    String classes = location(TrialProcess.class) + File.pathSeparator;
    // ONNX Runtime copies its library of 28 MB there, and a killed process leaves it behind.
    Path temporary = Files.createTempDirectory("flink-rnn-trial-");
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + temporary,
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + (new File("/dev/null").exists() ? "/dev/null" : "NUL"),
            "-cp",
            classes + location(OrtEnvironment.class),
            TrialMain.class.getName());
    java.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      return new TrialProcess(java.start(), temporary);
    } catch (IOException e) {
      delete(temporary);
      throw e;
    }
  }

  /** Where the process keeps its temporary files, until it is closed. */
  Path temporary() {
    return temporary;
  }

  private static String location(Class<?> type) throws IOException {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /**
   * The outputs, the heads first and then the states, if the graph loads and takes a step.
   *
   * @param most the maximum time
   * @throws InvalidFileException when it does not; if the process has ended, this object cannot be
   *     used any more
   */
  List<StepOutput> outputs(StepGraph graph, Duration most) {
    CompletableFuture<Boolean> inTime = watch(most);
    try {
      StepGraphFormat.write(graph, out);
      out.flush();
      if (in.readByte() == OUTPUTS) {
        return StepGraphFormat.readOutputs(in);
      }
      throw new InvalidFileException(graph.file(), "", in.readUTF());
    } catch (IOException e) {
      throw new InvalidFileException(graph.file(), "", ended(most, !inTime.complete(true)));
    } finally {
      inTime.complete(true);
    }
  }

  /** Ends the process if the returned future is not completed in time. */
  private CompletableFuture<Boolean> watch(Duration most) {
    CompletableFuture<Boolean> inTime = new CompletableFuture<>();
    CompletableFuture<Void> unused =
        inTime
            .completeOnTimeout(false, most.toMillis(), TimeUnit.MILLISECONDS)
            .thenAccept(
                done -> {
                  if (!done) {
                    process.destroyForcibly();
                  }
                });
    return inTime;
  }

  private String ended(Duration most, boolean late) {
    if (late) {
      return "expected its first step within " + most.toMillis() + " ms";
    }
    process.destroyForcibly();
    return "cannot be run by ONNX Runtime: the process that loads it has ended, perhaps because the"
        + " file is damaged or needs too much memory";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    for (Closeable end : List.of(process.getOutputStream(), process.getInputStream())) {
      try {
        end.close();
      } catch (IOException e) {
        LOG.trace("Cannot close a stream of a process that has ended", e);
      }
    }
    try {
      if (process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        delete(temporary);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("Temporary directory {} cannot be deleted", directory, e);
    }
  }
}
