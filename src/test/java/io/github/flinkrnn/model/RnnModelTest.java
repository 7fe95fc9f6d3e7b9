package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.kernel.Kernel;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The description of a loaded model, and what a step must not change. */
class RnnModelTest {
  private static final Map<String, byte[]> FILES =
      Map.of(
          "config.json",
              "{\"output\": {\"activation\": \"identity\"}}".getBytes(StandardCharsets.UTF_8),
          "parameters.json",
              "{\"Waa\": [[1]], \"Wax\": [[1]], \"Wya\": [[1]]}".getBytes(StandardCharsets.UTF_8));

  @TempDir private Path directory;

  /** A directory that is not on this machine. */
  private record Remote(String location) implements ModelFiles {
    @Override
    public boolean exists(String name) {
      return FILES.containsKey(name);
    }

    @Override
    public long size(String name) throws IOException {
      return bytes(name).length;
    }

    @Override
    public InputStream open(String name) throws IOException {
      return new ByteArrayInputStream(bytes(name));
    }

    private static byte[] bytes(String name) throws IOException {
      if (!FILES.containsKey(name)) {
        throw new FileNotFoundException(name);
      }
      return FILES.get(name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/models/tagger, tagger",
    "/models/tagger/, tagger",
    "models/tagger, tagger",
    "s3://bucket/models/tagger, tagger",
    "s3://bucket/models/tagger//, tagger",
    "hdfs://host:8020/tagger, tagger",
    "models/tagger/., tagger",
    "/, model"
  })
  void isNamedAfterItsDirectory(String location, String name) throws IOException {
    assertThat(RnnModel.load(new Remote(location)).name()).isEqualTo(name);
  }

  @Test
  void describesItselfTheSameInEveryLocale() throws IOException {
    ModelDirectory model =
        ModelDirectory.in(directory.resolve("m"))
            .config("{'version': '3'}")
            .safetensors(
                new SafeTensorsFile()
                    .zeros("weight_ih_l0", 40, 9)
                    .zeros("weight_hh_l0", 40, 40)
                    .zeros("fc.weight", 2, 40));
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(model.load().describe())
          .isEqualTo(
              "m: rnn (tanh), one layer of 40, 9 features, 2 outputs, 2,040 parameters"
                  + " (version 3, kernel "
                  + Kernel.best().name()
                  + ")");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void startsFromNewZeros() throws IOException {
    RnnModel model = RnnModel.load(new Remote("m"));
    assertThat(model.initialState()).containsExactly(0);
    assertThat(model.initialState()).isNotSameAs(model.initialState());
  }

  // The operator keeps the array that it passed, so a step must not write to it or keep it.
  @Test
  void stepLeavesItsArgumentsAlone() throws IOException {
    RnnStepper stepper = RnnModel.load(new Remote("m")).stepper();
    float[] x = {0.5f};
    float[] previous = {0.25f};
    float[] next = new float[1];
    stepper.step(x, previous, next);
    float[] hidden = stepper.hidden(next);
    float[] logits = stepper.logits(next);
    assertThat(x).containsExactly(0.5f);
    assertThat(previous).containsExactly(0.25f);
    stepper.step(x, next, previous);
    assertThat(hidden).containsExactly((float) StrictMath.tanh(0.75f)).isEqualTo(next);
    assertThat(logits).isEqualTo(hidden).isNotSameAs(hidden);
    assertThat(stepper.logits(next)).isNotSameAs(logits);
  }

  // The steps of all keys share the one-hot vector, so nothing of a word may remain in it.
  @Test
  void wordLeavesNoTraceInTheNextStep() throws IOException {
    RnnModel model =
        ModelDirectory.in(directory)
            .vocabulary("a", "b", "c")
            .parameters("{'Waa': [[0]], 'Wax': [[1, 10, 100]], 'Wya': [[1]]}")
            .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}")
            .load();
    RnnStepper stepper = model.stepper();
    float[] a0 = model.initialState();
    float[] a1 = new float[1];
    for (int word : new int[] {2, 1, 2, 0}) {
      stepper.step(word, a0, a1);
      assertThat(a1).containsExactly(new float[] {1, 10, 100}[word]);
    }
  }
}
