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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another process, in which a graph is loaded and takes its first step before it does so in this
 * one. Native code meets an untrusted file there: of a damaged one it may read wild memory and take
 * the process with it, or run a loop without an end, or ask for all memory. Then the file is
 * refused, and this process goes on. Not thread-safe.
 */
final class TrialProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrialProcess.class);

  /** What comes back: the shape of y&lt;t&gt;, or a refusal. */
  static final byte SHAPE = 1;

  static final byte REFUSAL = 2;

  private final Process process;
  private final DataOutputStream out;
  private final DataInputStream in;

  private TrialProcess(Process process) {
    this.process = process;
    this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    this.in = new DataInputStream(process.getInputStream());
  }

  /** A Java of this kind, with the classes of this package and ONNX Runtime. */
  static TrialProcess start() throws IOException {
    String classes = location(TrialProcess.class) + File.pathSeparator;
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + (new File("/dev/null").exists() ? "/dev/null" : "NUL"),
            "-cp",
            classes + location(OrtEnvironment.class),
            TrialMain.class.getName());
    java.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new TrialProcess(java.start());
  }

  private static String location(Class<?> type) throws IOException {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /**
   * The shape of y&lt;t&gt; of a graph that may be trusted to load and to take a step.
   *
   * @param words of the vocabulary; 0 for features
   * @param most how long it may take
   * @throws InvalidFileException for any other; after an end of the process, this one is of no more
   *     use
   */
  long[] outputShape(StepGraph graph, int words, Duration most) {
    CompletableFuture<Boolean> inTime = watch(most);
    try {
      StepGraphFormat.write(graph, out);
      out.writeInt(words);
      out.flush();
      if (in.readByte() == SHAPE) {
        return StepGraphFormat.readShape(in);
      }
      throw new InvalidFileException(graph.file(), "", in.readUTF());
    } catch (IOException e) {
      throw new InvalidFileException(graph.file(), "", ended(most, !inTime.complete(true)));
    } finally {
      inTime.complete(true);
    }
  }

  /** Ends the process when the time is over before somebody completes what is returned. */
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
      return "is not loaded, or its first step not done, after " + most.toMillis() + " ms";
    }
    process.destroyForcibly();
    return "ends the process that ONNX Runtime loads it in: it is damaged, or asks for too much";
  }

  @Override
  public void close() {
    process.destroyForcibly();
    for (Closeable end : List.of(process.getOutputStream(), process.getInputStream())) {
      try {
        end.close();
      } catch (IOException e) {
        LOG.trace("of a process that is over", e);
      }
    }
  }
}
