package io.github.flinkrnn.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.onnx.SmallSteps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A graph that would crash or block a process does so in another process. */
class TrialProcessTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final long[] SHAPE = {1, 2};

  private static StepGraph graph(byte[] bytes) {
    return new StepGraph(
        "model.onnx",
        bytes,
        List.of(new StepGraph.Input("x", StepType.FLOAT, SHAPE, List.of(new StepGraph.Span(0, 2)))),
        new int[2],
        List.of(),
        List.of("y"),
        List.of(new StepGraph.State("h", "h_out", StepType.FLOAT, SHAPE, new float[2])),
        0,
        "",
        0);
  }

  @Test
  void triesOneGraphAfterTheOther() throws IOException {
    try (TrialProcess trial = TrialProcess.start()) {
      for (int i = 0; i < 3; i++) {
        assertThat(trial.outputs(graph(SmallSteps.softsignModel()), LONG))
            .extracting(StepOutput::name)
            .containsExactly("y", "h_out");
        assertThat(InvalidFile.message(() -> trial.outputs(graph(new byte[] {1}), LONG)))
            .startsWith("model.onnx: cannot be run by ONNX Runtime: ");
      }
    }
  }

  @Test
  void aLoopWithoutAnEndIsStopped() throws IOException {
    try (TrialProcess trial = TrialProcess.start()) {
      StepGraph endless = graph(SmallSteps.endlessModel());
      assertThat(InvalidFile.message(() -> trial.outputs(endless, Duration.ofMillis(1500))))
          .isEqualTo("model.onnx: expected its first step within 1500 ms");
    }
  }

  /** ONNX Runtime unpacks its library of 28 MB for each process. */
  @Test
  void nothingIsLeftBehind() throws IOException {
    Path temporary;
    try (TrialProcess trial = TrialProcess.start()) {
      trial.outputs(graph(SmallSteps.softsignModel()), LONG);
      temporary = trial.temporary();
      assertThat(temporary).isNotEmptyDirectory();
    }
    assertThat(temporary).doesNotExist();
  }

  @Test
  void aCrashOfTheProcessIsOneLine() throws IOException {
    TrialProcess trial = TrialProcess.start();
    trial.close();
    assertThat(InvalidFile.message(() -> trial.outputs(graph(SmallSteps.softsignModel()), LONG)))
        .isEqualTo(
            "model.onnx: cannot be run by ONNX Runtime: the process that loads it has ended, perhaps"
                + " because the file is damaged or needs too much memory");
  }
}
