package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputActivationTest {
  @TempDir private Path directory;

  @Test
  void softmaxOfKnownLogits() {
    assertThat(OutputActivation.SOFTMAX.apply(new float[] {1, 2, 3}))
        .containsExactly(0.09003057f, 0.24472848f, 0.66524094f);
    assertThat(OutputActivation.SOFTMAX.apply(new float[] {5})).containsExactly(1);
  }

  @Test
  void softmaxOfHugeLogitsDoesNotOverflow() {
    assertThat(OutputActivation.SOFTMAX.apply(new float[] {1000, 1000, -1000}))
        .containsExactly(0.5f, 0.5f, 0);
    assertThat(OutputActivation.SOFTMAX.apply(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE}))
        .containsExactly(1, 0);
    assertThat(OutputActivation.SOFTMAX.apply(new float[] {-Float.MAX_VALUE, -Float.MAX_VALUE}))
        .containsExactly(0.5f, 0.5f);
  }

  @Test
  void softmaxSumsToOne() {
    float[] logits = new float[1000];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (100 * Math.sin(i));
    }
    double sum = 0;
    for (float y : OutputActivation.SOFTMAX.apply(logits)) {
      assertThat(y).isBetween(0f, 1f);
      sum += y;
    }
    assertThat(sum).isEqualTo(1, within(1e-6));
  }

  @Test
  void sigmoidReachesItsEnds() {
    assertThat(OutputActivation.SIGMOID.apply(new float[] {0, 1, -1}))
        .containsExactly(0.5f, 0.7310586f, 0.26894143f);
    assertThat(OutputActivation.SIGMOID.apply(new float[] {Float.MAX_VALUE, -Float.MAX_VALUE}))
        .containsExactly(1, 0);
    // e^-100 is not a normal float.
    assertThat(OutputActivation.SIGMOID.apply(new float[] {-100})[0]).isZero();
  }

  @Test
  void identityIsACopy() {
    float[] logits = {-1, 0, 1e30f};
    float[] y = OutputActivation.IDENTITY.apply(logits);
    assertThat(y).containsExactly(logits).isNotSameAs(logits);
  }

  @Test
  void leavesTheLogitsAsTheyAre() {
    float[] logits = {1, 2};
    OutputActivation.SOFTMAX.apply(logits);
    OutputActivation.SIGMOID.apply(logits);
    assertThat(logits).containsExactly(1, 2);
  }

  @Test
  void labelIsTheLargestOutputsAndTheFirstOfEquals() throws IOException {
    ModelDirectory files =
        ModelDirectory.in(directory)
            .parameters("{'Waa': [[0]], 'Wax': [[0]], 'Wya': [[0], [0], [0]]}");
    assertThat(files.load().stepper().label(new float[] {1, 2, 3})).isNull();
    RnnStepper stepper =
        files.config("{'output': {'labels': ['O', 'PER', 'LOC']}}").load().stepper();
    assertThat(stepper.label(new float[] {1, 2, 3})).isEqualTo("LOC");
    assertThat(stepper.label(new float[] {-3, -1, -1})).isEqualTo("PER");
    assertThat(stepper.label(new float[] {0, 0, 0})).isEqualTo("O");
  }
}
