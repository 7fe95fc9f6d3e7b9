package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.time.Duration;

/** Many trials in one process, and a new process after a graph has crashed it. */
public final class Trials implements AutoCloseable {
  private TrialProcess process;
  private int ended;

  /** Whether the graph loads and computes a step. */
  public boolean passes(StepGraph graph) throws IOException {
    if (process == null) {
      process = TrialProcess.start();
    }
    try {
      return !process.outputs(graph, Duration.ofMinutes(1)).isEmpty();
    } catch (InvalidFileException e) {
      if (e.getMessage().contains("the process that loads it has ended")) {
        ended++;
        close();
        process = null;
      }
      return false;
    }
  }

  /** How many graphs crashed their process. */
  public int ended() {
    return ended;
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
