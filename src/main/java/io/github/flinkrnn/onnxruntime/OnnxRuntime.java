package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.github.flinkrnn.config.InvalidFileException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The native library, started once a JVM. */
final class OnnxRuntime {
  private static final long STACK_BYTES = 1 << 28;

  private OnnxRuntime() {}

  /**
   * A session of one thread, in which operators run one after the other: a step is too small to
   * share, and a slot of Flink is one thread.
   *
   * @throws InvalidFileException when the graph is refused
   */
  static OrtSession session(StepGraph graph, OrtEnvironment environment) {
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return environment.createSession(graph.bytes(), options);
    } catch (OrtException e) {
      throw refused(graph, e);
    }
  }

  /**
   * Starts the library, on a thread with a stack of its own size: on Linux it reads the process's
   * command line by a method that recurses over its length, and at some 4,000 characters, a class
   * path of Flink's, that is the end of a Java thread's stack and of the process.
   *
   * @param file to name when it cannot start
   */
  static OrtEnvironment environment(String file) {
    CompletableFuture<OrtEnvironment> started = new CompletableFuture<>();
    Thread starter = new Thread(null, () -> start(started), "start of ONNX Runtime", STACK_BYTES);
    starter.setDaemon(true);
    starter.start();
    try {
      return started.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new InvalidFileException(
          file,
          "",
          "is a step graph, which takes ONNX Runtime, and that cannot start here (one class loader"
              + " of a JVM can have its native library: put "
              + StepGraphs.ARTIFACT
              + " into Flink's lib folder, not into a job's jar): "
              + cause.getMessage());
    }
  }

  private static void start(CompletableFuture<OrtEnvironment> started) {
    try {
      started.complete(OrtEnvironment.getEnvironment());
    } catch (RuntimeException | LinkageError e) {
      started.completeExceptionally(e);
    }
  }

  static InvalidFileException refused(StepGraph graph, OrtException e) {
    return new InvalidFileException(
        graph.file(), "", "is refused by ONNX Runtime: " + e.getMessage());
  }
}
