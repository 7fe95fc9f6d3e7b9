package io.github.flinkrnn.formats.parameters;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** parameters.json: the matrices of the equation as nested arrays. */
class CourseParametersTest {
  private static final String WEIGHTS =
      "'Waa': [[1, 2], [3, 4]], 'Wax': [[1, 0, 0], [0, 1, 0]], 'Wya': [[1, -1]]";

  @TempDir private Path directory;

  private ModelDirectory directory(String parameters) throws IOException {
    return ModelDirectory.in(directory)
        .config("{'nonlinearity': 'relu', 'output': {'activation': 'identity'}}")
        .parameters(parameters);
  }

  private String rejected(String parameters) throws IOException {
    ModelDirectory model = directory(parameters);
    String message = InvalidFile.message(model::load);
    String file = model.path("parameters.json") + ": ";
    assertThat(message).startsWith(file);
    return message.substring(file.length());
  }

  // a<1> = relu(Waa [10, 20] + Wax [5, 6, 7] + ba), y<1> = Wya a<1> + by
  private float[] step(String parameters) throws IOException {
    RnnModel model = directory(parameters).load();
    float[] a = new float[2];
    model.stepper().step(new float[] {5, 6, 7}, new float[] {10, 20}, a);
    return new float[] {a[0], a[1], model.stepper().logits(a)[0]};
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'ba': [100, 200], 'by': [1000]", // arrays
        "'ba': [[100], [200]], 'by': [[1000]]" // columns, as numpy writes them
      })
  void biasIsAnArrayOrAColumn(String biases) throws IOException {
    assertThat(step("{" + WEIGHTS + ", " + biases + "}"))
        .containsExactly(155, 316, 155 - 316 + 1000);
  }

  @Test
  void biasMayBeAbsent() throws IOException {
    assertThat(step("{" + WEIGHTS + "}")).containsExactly(55, 116, 55 - 116);
    assertThat(step("{" + WEIGHTS + ", 'by': [7]}")).containsExactly(55, 116, 55 - 116 + 7);
    assertThat(directory("{" + WEIGHTS + "}").load().input()).isEqualTo(new ModelInput.Features(3));
  }

  @Test
  void takesOneHotWordsOfAVocabulary() throws IOException {
    ModelDirectory model = directory("{" + WEIGHTS + "}").vocabulary("a", "b", "c");
    assertThat(model.load().input().describe()).isEqualTo("3 words, one-hot");
    model.vocabulary("a", "b");
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("config.json")
                + ": input.file: expected 3 words, one for each one-hot input of the weights,"
                + " found 2");
  }

  @Test
  void rejectsLabelsOfTheWrongNumber() throws IOException {
    ModelDirectory model =
        directory("{" + WEIGHTS + "}").config("{'output': {'labels': ['O', 'PER']}}");
    assertThat(InvalidFile.message(model::load))
        .isEqualTo(
            model.path("config.json")
                + ": output.labels: expected as many labels as "
                + model.path("parameters.json")
                + " has outputs (1), found 2");
  }

  @Test
  void rejectsMisspeltName() throws IOException {
    assertThat(rejected("{" + WEIGHTS + ", 'bA': [1, 2]}"))
        .isEqualTo("bA: unknown field (did you mean ba?); expected Waa, Wax, Wya, ba, by");
  }

  @ParameterizedTest
  @CsvSource({"Waa", "Wax", "Wya"})
  void rejectsMissingMatrix(String name) throws IOException {
    String without = WEIGHTS.replaceFirst("'" + name + "': \\[\\[.*?\\]\\],? ?", "");
    assertThat(rejected("{" + without.replaceFirst(", $", "") + "}"))
        .isEqualTo(name + ": missing: expected an array of rows of numbers");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'Waa': [[1, 2]];  Waa: expected [1 × 1], found [1 × 2]",
        "'Waa': [[1, 2], [3]];  Waa[1]: expected 2 numbers, as in the row before",
        "'Waa': [[1, 2], 3];  Waa[1]: expected 2 numbers, as in the row before",
        "'Waa': [1, 2];  Waa: expected an array of rows of numbers",
        "'Waa': [[]];  Waa: expected an array of rows of numbers",
        "'Waa': [];  Waa: expected an array of rows of numbers",
        "'Waa': 1;  Waa: expected an array of rows of numbers",
        "'Wax': [[1]];  Wax: expected [2 × 1], found [1 × 1]",
        "'Wya': [[1, 2, 3]];  Wya: expected [1 × 2], found [1 × 3]",
        "'Waa': [[1, 2], [3, 'x']];  Waa[1]: expected finite float32 numbers",
        "'Waa': [[1, 2], [3, 'NaN']];  Waa[1]: expected finite float32 numbers",
        "'Waa': [[1, 2], [3, null]];  Waa[1]: expected finite float32 numbers",
        "'Waa': [[1, 2], [3, 1e39]];  Waa[1]: expected finite float32 numbers",
        "'Waa': [[1, 2], [3, -1e400]];  Waa[1]: expected finite float32 numbers",
        "'Waa': [[1, [2]], [3, 4]];  Waa[0]: expected finite float32 numbers"
      })
  void rejectsInvalidMatrix(String matrix, String problem) throws IOException {
    String name = matrix.substring(0, 5);
    assertThat(rejected("{" + WEIGHTS.replaceFirst(name + ": \\[\\[.*?\\]\\]", matrix) + "}"))
        .isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'ba': [1];  ba: expected 2 numbers",
        "'ba': [[1, 2]];  ba: expected 2 numbers",
        "'ba': 1;  ba: expected 2 numbers",
        "'by': [1, 2];  by: expected 1 numbers",
        "'ba': [1, [2, 3]];  ba[1]: expected finite float32 numbers",
        "'ba': [1, 1e39];  ba[1]: expected finite float32 numbers",
        "'ba': [1, true];  ba[1]: expected finite float32 numbers"
      })
  void rejectsInvalidBias(String bias, String problem) throws IOException {
    assertThat(rejected("{" + WEIGHTS + ", " + bias + "}")).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'Waa': [[NaN]]};  cannot be read as JSON at line 1, column ",
        "{'Waa': [[1]], 'Waa': [[2]]};  cannot be read as JSON at line 1, column ",
        "[];  expected an object with Waa, Wax, Wya, ba and by"
      })
  void rejectsOtherJson(String json, String problem) throws IOException {
    assertThat(rejected(json)).startsWith(problem);
  }
}
