package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.github.flinkrnn.config.InvalidFileException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The native library, started once per JVM. */
final class OnnxRuntime {
  private static final long STACK_BYTES = 1 << 28;

  private OnnxRuntime() {}

  /**
   * A session with one thread that runs operators one by one, because a step is too small for
   * several threads and a task slot of Flink has one.
   *
   * @throws InvalidFileException when ONNX Runtime cannot run the graph
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
   * Starts the library on a thread with a large stack. On Linux, the library parses the command
   * line of the process recursively. With about 4,000 characters, as in a class path of Flink, this
   * overflows the stack of a normal Java thread and crashes the process.
   *
   * @param file the name of the file in errors
   * @throws InvalidFileException when the library cannot start
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
          "cannot be run: ONNX Runtime does not start (only one class loader of a JVM can load its"
              + " native library: put "
              + StepGraphs.ARTIFACT
              + " in Flink's lib folder, not in the job's JAR): "
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
        graph.file(), "", "cannot be run by ONNX Runtime: " + e.getMessage());
  }
}
