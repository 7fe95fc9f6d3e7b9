package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.TokenReader;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Steps, logits and predictions of several sequences together have the bits of one by one, for the
 * model of every reference case. Only ONNX Runtime takes steps one by one.
 */
class StepsTogetherTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final int[] COUNTS = {5, 5, 5, 1, 9, 5, 2, 4, 0, 5, 3, 5};

  static List<Path> models() throws IOException {
    try (Stream<Path> all = Files.walk(RESOURCES)) {
      return all.filter(path -> path.endsWith("model") && Files.isDirectory(path))
          .filter(path -> !path.startsWith(RESOURCES.resolve("look-ahead")))
          .sorted()
          .toList();
    }
  }

  @Test
  void thereAreModelsOfAllFormats() throws IOException {
    assertThat(models())
        .hasSizeGreaterThan(130)
        .contains(
            RESOURCES.resolve("golden/lstm/model"),
            RESOURCES.resolve("pytorch/layers-residual/model"),
            RESOURCES.resolve("keras-real/heads/model"),
            RESOURCES.resolve("onnx/gru/model"),
            RESOURCES.resolve("pytorch-fields/everything/model"));
    List<String> byOnnxRuntime = new ArrayList<>();
    for (Path path : models()) {
      try (RnnModel model = RnnModel.load(path)) {
        if (!model.stepsSeveral()) {
          byOnnxRuntime.add(RESOURCES.relativize(path).getName(0).toString());
        }
      }
    }
    assertThat(byOnnxRuntime).containsOnly("onnx", "onnx-steps").hasSizeBetween(7, 12);
  }

  @ParameterizedTest
  @MethodSource("models")
  void haveTheBitsOfOneByOne(Path path) throws IOException {
    try (RnnModel model = RnnModel.load(path)) {
      if (model.stepsSeveral()) {
        try (Compared compared = new Compared(model, path)) {
          for (int count : COUNTS) {
            compared.step(count);
          }
        }
      }
    }
  }

  /** Nine sequences, of which the first ones take a step together. */
  private static final class Compared implements AutoCloseable {
    private final Random random = new Random(3);
    private final RnnModel model;
    private final RnnStepper together;
    private final RnnStepper single;
    private final float[][] states = new float[9][];
    private final List<float[]> inputs; // of the tokens of the case

    Compared(RnnModel model, Path path) throws IOException {
      this.model = model;
      together = model.stepper();
      single = model.stepper();
      inputs = inputs(model, path);
      float[] initial = model.initialState();
      for (int i = 0; i < states.length; i++) {
        states[i] = initial; // several may be the same array
      }
    }

    void step(int count) {
      float[][] next = new float[count][model.stateSize()];
      float[][] expected = new float[count][model.stateSize()];
      if (model.input() instanceof ModelInput.Words words) {
        int[] ids = random.ints(count, 0, words.vocabulary().size()).toArray();
        for (int i = 0; i < count; i++) {
          single.step(ids[i], states[i], expected[i]);
        }
        together.stepEach(count, ids, states, next);
      } else {
        float[][] x = new float[count][];
        for (int i = 0; i < count; i++) {
          x[i] = inputs.get(random.nextInt(inputs.size()));
          single.stepRead(x[i], states[i], expected[i]);
        }
        together.stepEachRead(count, x, states, next);
      }
      assertThat(next).isDeepEqualTo(expected);
      compareOutputs(count, next);
      System.arraycopy(next, 0, states, 0, count);
    }

    private void compareOutputs(int count, float[][] next) {
      int heads = model.heads().size();
      float[][][] logits = new float[heads][][];
      for (int h = 0; h < heads; h++) {
        logits[h] = new float[count][model.heads().get(h).size()];
      }
      together.logitsEach(count, next, logits);
      for (int h = 0; h < heads; h++) {
        float[][] y = together.predictionEach(h, count, logits[h]);
        assertThat(y.length).isEqualTo(count);
        for (int i = 0; i < count; i++) {
          float[][] expected = new float[heads][];
          expected[h] = new float[model.heads().get(h).size()];
          single.logits(next[i], expected);
          assertThat(logits[h][i]).containsExactly(expected[h]);
          assertThat(y[i]).containsExactly(single.prediction(h, expected[h]));
        }
        float[][][] only = new float[heads][][]; // null for heads that are not needed
        only[h] = new float[count][model.heads().get(h).size()];
        together.logitsEach(count, next, only);
        assertThat(only[h]).isDeepEqualTo(logits[h]);
      }
    }

    @Override
    public void close() {
      together.close();
      single.close();
    }
  }

  /** x&lt;t&gt; of random features, of padding, and of the fields of the tokens of a case. */
  private static List<float[]> inputs(RnnModel model, Path path) throws IOException {
    List<float[]> inputs = new ArrayList<>();
    if (model.input() instanceof ModelInput.Words) {
      return inputs;
    }
    if (model.input() instanceof ModelInput.Fields) {
      TokenReader reader = new TokenReader(model);
      TokenDecoder decoder =
          new TokenDecoder(
              TokenReader.fields(model, TokenFields.TOP_LEVEL),
              TokenReader.reads(model),
              TokenDecoder.DEFAULT_MAX_BYTES);
      for (String line : Files.readAllLines(path.resolveSibling("tokens.jsonl"))) {
        byte[] json = line.getBytes(StandardCharsets.UTF_8);
        try {
          Token token = decoder.decode(new SourceRecord(null, json, json.length, null, null));
          if (reader.read(token) == null && reader.complete(null, 0, 0) == null) {
            inputs.add(reader.x().clone());
          }
        } catch (Rejection e) {
          assertThat(line).isNotEmpty(); // some records are not tokens
        }
      }
      assertThat(inputs).hasSizeGreaterThan(4);
      return inputs;
    }
    Random random = new Random(4);
    for (int i = 0; i < 30; i++) {
      float[] x = new float[model.input().size()];
      for (int k = 0; k < x.length && i % 5 > 0; k++) { // zeros are padding for some models
        x[k] = (float) random.nextGaussian();
      }
      inputs.add(x);
    }
    return inputs;
  }
}
