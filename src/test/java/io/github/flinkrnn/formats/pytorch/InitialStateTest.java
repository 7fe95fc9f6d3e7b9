package io.github.flinkrnn.formats.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A learned initial state has the layout of the model's hidden state. */
class InitialStateTest {
  @TempDir private Path path;

  /** A module with two layers of 2 units and 3 features, and a head. */
  private static SafeTensorsFile network(int gates) {
    return new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", gates * 2, 3)
        .zeros("rnn.weight_hh_l0", gates * 2, 2)
        .zeros("rnn.weight_ih_l1", gates * 2, 2)
        .zeros("rnn.weight_hh_l1", gates * 2, 2)
        .zeros("fc.weight", 1, 2);
  }

  private static SafeTensorsFile withH0(int gates, int... shape) {
    return network(gates).f32("h0", shape, 1, 2, 3, 4);
  }

  private ModelDirectory directory(SafeTensorsFile tensors, String initial) throws IOException {
    return ModelDirectory.in(path)
        .safetensors(tensors)
        .config("{'initial_state': " + initial + ", 'output': {'activation': 'identity'}}");
  }

  private static int[] shape(String shape) {
    return shape.isEmpty()
        ? new int[0]
        : Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  @ParameterizedTest
  @CsvSource({"1, 2x1x2", "3, 2x1x2", "3, 2x2", "3, 4", "1, 1x4", "3, 1x2x2"})
  void readsTheLayersOneAfterTheOther(int gates, String shape) throws IOException {
    SafeTensorsFile tensors = withH0(gates, shape(shape));
    for (String said : new String[] {"'h0'", "['h0']"}) {
      RnnModel model = directory(tensors, said).load();
      assertThat(model.initialState()).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void readsALayerOfOneUnit() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 3, 2)
            .zeros("rnn.weight_hh_l0", 3, 1)
            .zeros("fc.weight", 1, 1)
            .f32("model.h0", new int[] {}, -2);
    assertThat(directory(tensors, "'model.h0'").load().initialState()).containsExactly(-2);
  }

  @Test
  void interleavesBothStatesOfAnLstmByLayer() throws IOException {
    SafeTensorsFile tensors = withH0(4, 2, 1, 2).f32("c0", new int[] {2, 1, 2}, 5, 6, 7, 8);
    assertThat(directory(tensors, "['h0', 'c0']").load().initialState())
        .containsExactly(1, 2, 5, 6, 3, 4, 7, 8);
  }

  @Test
  void startsTheCellStateAtZeroIfOnlyH0IsNamed() throws IOException {
    assertThat(directory(withH0(4, 2, 1, 2), "'h0'").load().initialState())
        .containsExactly(1, 2, 0, 0, 3, 4, 0, 0);
  }

  @Test
  void readsThoseOfAProjection() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn.weight_ih_l0", 12, 2)
            .zeros("rnn.weight_hh_l0", 12, 1)
            .zeros("rnn.weight_hr_l0", 1, 3)
            .zeros("fc.weight", 1, 1)
            .f32("h0", new int[] {1, 1, 1}, 9)
            .f32("c0", new int[] {1, 1, 3}, 1, 2, 3);
    assertThat(directory(tensors, "['h0', 'c0']").load().initialState())
        .containsExactly(9, 1, 2, 3);
  }

  @Test
  void readsThoseOfAGruUnderAnLstm() throws IOException {
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .zeros("rnn0.weight_ih", 3, 4)
            .zeros("rnn0.weight_hh", 3, 1)
            .zeros("rnn1.weight_ih", 8, 1)
            .zeros("rnn1.weight_hh", 8, 2)
            .zeros("fc.weight", 1, 2)
            .f32("h0", new int[] {3}, 1, 2, 3)
            .f32("c0", new int[] {2}, 5, 6);
    assertThat(directory(tensors, "['h0', 'c0']").load().initialState())
        .containsExactly(1, 2, 3, 5, 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'zeros'", "['zeros']", "null", "[]"})
  void isZeroIfTheConfigSaysSo(String said) throws IOException {
    RnnModel model = directory(network(4), said).load();
    assertThat(model.initialState()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0);
    RnnModel unsaid =
        ModelDirectory.in(path)
            .safetensors(network(4))
            .config("{'output': {'activation': 'identity'}}")
            .load();
    assertThat(model.fingerprint()).isEqualTo(unsaid.fingerprint());
  }

  @Test
  void givesANewArrayEachTime() throws IOException {
    RnnModel model = directory(withH0(3, 4), "'h0'").load();
    model.initialState()[0] = 77;
    assertThat(model.initialState()).containsExactly(1, 2, 3, 4);
  }

  // A sequence that began in another state is another sequence, and a restored job must detect it.
  @Test
  void entersTheFingerprint() throws IOException {
    long zeros = directory(network(3), "'zeros'").load().fingerprint();
    long learned = directory(withH0(3, 2, 1, 2), "'h0'").load().fingerprint();
    SafeTensorsFile other = network(3).f32("h0", new int[] {2, 1, 2}, 1, 2, 3, 5);
    long changed = directory(other, "'h0'").load().fingerprint();
    assertThat(new long[] {zeros, learned, changed}).doesNotHaveDuplicates();
    assertThat(directory(withH0(3, 4), "'h0'").load().fingerprint()).isEqualTo(learned);
  }

  @Test
  void distinguishesBothStatesOfAnLstm() throws IOException {
    SafeTensorsFile tensors = withH0(4, 4).f32("c0", new int[] {4}, 1, 2, 3, 5);
    assertThat(directory(tensors, "['h0', 'c0']").load().fingerprint())
        .isNotEqualTo(directory(tensors, "['c0', 'h0']").load().fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "3; 'h0'; 1x1x2; tensor 'h0': expected 4 numbers, found [1 × 1 × 2]",
        "4; 'h0'; 2x1x4; tensor 'h0': expected 4 numbers, found [2 × 1 × 4]",
        "4; ['h0', 'h1']; 4; tensor 'h1': missing: expected a tensor (did you mean h0?)",
        "3; 'h_0'; 4; tensor 'h_0': missing: expected a tensor (did you mean h0?)",
        "3; 'beginning'; 4; tensor 'beginning': missing: expected a tensor"
      })
  void rejectsAMissingTensor(int gates, String said, String shape, String problem)
      throws IOException {
    ModelDirectory model = directory(network(gates).zeros("h0", shape(shape)), said);
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("model.safetensors")
                + ": "
                + problem
                + " (named by initial_state in config.json)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "3; ['h0', 'c0']; expected one tensor, found 2",
        "1; ['h0', 'c0']; expected one tensor, found 2",
        "4; ['h0', 'c0', 'x0']; expected one tensor or two (h and c), found 3",
        "4; ['h0', 'h0']; expected distinct elements, found 'h0' twice"
      })
  void rejectsTheWrongCount(int gates, String said, String problem) throws IOException {
    SafeTensorsFile tensors = withH0(gates, 4).zeros("c0", 4).zeros("x0", 4);
    ModelDirectory model = directory(tensors, said);
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(model.path("config.json") + ": initial_state: " + problem);
  }

  // Without the tensor, the network would differ from the trained one.
  @Test
  void rejectsATensorThatTheConfigDoesNotName() throws IOException {
    ModelDirectory model = ModelDirectory.in(path).safetensors(withH0(3, 2, 1, 2));
    assertThat(InvalidFile.message(model::load))
        .startsWith(
            model.path("model.safetensors")
                + ": expected a head [outputs × 2] with or without a bias [outputs], found fc.weight [1 × 2],"
                + " h0 [2 × 1 × 2]");
  }
}
