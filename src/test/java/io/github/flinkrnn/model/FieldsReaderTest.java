package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code input.fields} and {@code outputs} of config.json: what is read, and each mistake. */
class FieldsReaderTest {
  @TempDir private Path path;

  private ModelDirectory directory;

  @BeforeEach
  void writeWeights() throws IOException {
    directory =
        ModelDirectory.in(path)
            .write("words.txt", "<unk>\ncat\ndog\n")
            .safetensors(
                new SafeTensorsFile()
                    .zeros("net.words.weight", 3, 2)
                    .zeros("net.more.weight", 4, 2)
                    .zeros("net.rnn.weight_ih_l0", 4, 4)
                    .zeros("net.rnn.weight_hh_l0", 4, 4)
                    .zeros("net.fc.weight", 2, 4)
                    .zeros("net.score.weight", 1, 4));
  }

  private static final String HEAD = "'output': {'head': 'net.fc.weight'}";
  private static final String WORD =
      "{'name': 'word', 'type': 'category', 'vocabulary': 'words.txt', 'unknown': '<unk>',"
          + " 'embedding': 'words'}";

  @Test
  void anEmbeddingIsFoundByTheEndOfItsName() throws IOException {
    RnnModel model =
        directory.config("{'input': {'fields': [" + WORD + ", 'a', 'b']}, " + HEAD + "}").load();
    assertThat(model.input().describe()).isEqualTo("3 fields (word, a, b), x<t> of 4");
    assertThat(model.input().size()).isEqualTo(3);
    assertThat(model.tableBytes()).isEqualTo(3 * 4 * Float.BYTES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'a', 'a'                            | [1]: expected another name than 'a', the name of input.fields[0]
          'key'                               | [0]: expected another name than 'key', which is a token's own field; source.fields of a job says where a field is
          'a', {'name': 'timestamp'}          | [1]: expected another name than 'timestamp', which is a token's own field; source.fields of a job says where a field is
          {'type': 'number'}                  | [0].name: missing: expected a value
          {'name': 'a', 'type': 'text'}       | [0].type: expected number or category or vector or elapsed, found 'text'
          {'name': 'a', 'vocabulary': 'words.txt'} | [0].vocabulary: unknown field; expected type, name, scale, missing_flag, missing, hold
          {'name': 'a', 'type': 'category'}   | [0].vocabulary: expected vocabulary or size, found none
          {'name': 'a', 'type': 'category', 'size': 3, 'vocabulary': 'words.txt'} | [0].vocabulary: expected vocabulary or size, found both
          {'name': 'a', 'type': 'category', 'size': 0} | [0].size: expected an integer from 1 to 16777216, found 0
          {'name': 'a', 'type': 'category', 'size': 3, 'unknown': 'x'} | [0].unknown: expected only with a vocabulary
          {'name': 'a', 'type': 'category', 'size': 3, 'missing': 3} | [0].missing: expected an integer from 0 to 2, found 3
          {'name': 'a', 'type': 'category', 'vocabulary': 'words.txt', 'unknown': 'cow'} | [0].unknown: expected a word of the vocabulary, found 'cow'
          {'name': 'a', 'type': 'category', 'vocabulary': 'words.txt', 'missing': 'cow'} | [0].missing: expected a word of the vocabulary, found 'cow'
          {'name': 'a', 'type': 'category', 'vocabulary': '../words.txt'} | [0].vocabulary: expected the name of a file next to config.json, found a path
          {'name': 'a', 'type': 'category', 'vocabulary': 'words.txt', 'embedding': 'more'} | [0].embedding: expected a tensor of 3 rows, one for each category of 'a', found net.more.weight [4 × 2]
          {'name': 'a', 'type': 'category', 'vocabulary': 'words.txt', 'embedding': 'wrods'} | [0].embedding: expected one tensor of model.safetensors (net.words.weight, net.more.weight, net.rnn.weight_ih_l0, net.rnn.weight_hh_l0, net.fc.weight, net.score.weight), found 'wrods'
          {'name': 'a', 'scale': {'mean': 1, 'std': 0}} | [0].scale.std: expected numbers above 0, found 0.0
          {'name': 'a', 'scale': {'mean': [1, 2], 'std': 1}} | [0].scale.mean: expected one number or an array of 1, found 2
          {'name': 'a', 'scale': {'min': 4, 'max': 4}} | [0].scale.max: expected a range (max - min) above 0, found 0.0
          {'name': 'a', 'type': 'vector'}     | [0].size: missing: expected a value
          {'name': 'a', 'type': 'vector', 'size': 3, 'scale': {'mean': [1, 2], 'std': 1}} | [0].scale.mean: expected one number or an array of 3, found 2
          {'name': 'a', 'type': 'vector', 'size': 3, 'missing': [1, 2]} | [0].missing: expected one number or an array of 3, found 2
          {'name': 'a', 'type': 'vector', 'size': 3, 'overlap': 4} | [0].overlap: expected an integer from 0 to 3, found 4
          {'name': 'a', 'type': 'vector', 'size': 3, 'overlap': 1, 'hold': true} | [0].hold: expected only without overlap
          {'name': 'a', 'missing': -3, 'scale': {'log1p': true}} | [0].missing: expected a number that is a finite float32 after its scale
          'a', {'type': 'elapsed', 'unit': 'weeks'} | [1].unit: expected ms or seconds or minutes or hours or days, found 'weeks'
          'a', {'type': 'elapsed', 'first': -2, 'scale': {'log1p': true}} | [1].first: expected a number that is a finite float32 after its scale
          'a', {'type': 'elapsed', 'hold': true} | [1].hold: unknown field; expected type, name, scale, unit, first
          {'type': 'elapsed'}                 | : expected at least one field of a record, found none
          'a', 'b'                            | : expected 4 numbers, the x<t> of model.safetensors, found 2: a 1, b 1
          """)
  void aMistakeIsNamed(String fields, String problem) throws IOException {
    directory.config("{'input': {'fields': [" + fields + "]}, " + HEAD + "}");
    assertThat(InvalidFile.message(directory::load).replace(directory + "/", ""))
        .isEqualTo("config.json: input.fields" + problem);
  }

  @ParameterizedTest
  @CsvSource({
    "'type': 'features', type",
    "'scale': {'log1p': true}, scale",
    "'embedding': 'words', embedding",
    "'lowercase': true, lowercase"
  })
  void otherKindsOfInputAreExcluded(String other, String field) throws IOException {
    directory.config("{'input': {'fields': ['a'], " + other + "}, " + HEAD + "}");
    assertThat(InvalidFile.message(directory::load).replace(directory + "/", ""))
        .isEqualTo("config.json: input." + field + ": expected only without input.fields");
  }

  @Test
  void sizesAreBounded() throws IOException {
    String many = "{'name': 'v%d', 'type': 'vector', 'size': 1048576, 'missing': 0}";
    String fields = String.join(", ", many.formatted(0), many.formatted(1), many.formatted(2));
    directory.config(
        "{'input': {'fields': ["
            + fields
            + ", {'name': 'w', 'type': 'vector', 'size': 1048576, 'overlap': 9}]}, "
            + HEAD
            + "}");
    assertThat(InvalidFile.message(directory::load))
        .endsWith("input.fields: expected at most 4194304 numbers, found more");

    StringBuilder wide = new StringBuilder("'a', 'b', 'c', 'd'"); // wraps around to 4 as an int
    for (int i = 0; i < 256; i++) {
      wide.append(", {'name': 'c").append(i).append("', 'type': 'category', 'size': 16777216}");
    }
    directory.config("{'input': {'fields': [" + wide + "]}, " + HEAD + "}");
    assertThat(InvalidFile.message(directory::load)).contains("found 4294967300: a 1, b 1");
  }

  @Test
  void aNameHasNoControlCharacters() throws IOException {
    directory.config("{'input': {'fields': ['a\\u0000b', 'c', 'd', 'e']}, " + HEAD + "}");
    assertThat(InvalidFile.message(directory::load))
        .endsWith("input.fields[0]: expected a name without control characters, found 'a\\u0000b'");
  }

  private static final String FOUR = "'input': {'type': 'features'}, ";

  @Test
  void headsAreRead() throws IOException {
    RnnModel model =
        directory
            .config(
                "{"
                    + FOUR
                    + "'outputs': [{'name': 'a', 'layers': ['fc'], 'labels': ['x', 'y']},"
                    + " {'name': 'b', 'layers': ['score'], 'activation': 'identity'}]}")
            .load();
    assertThat(model.headNames()).containsExactly("a", "b");
    assertThat(model.outputSize()).isEqualTo(2);
    assertThat(model.describe()).contains("2 heads (a 2, b 1)");
    assertThat(model.outputName(0, 1)).isEqualTo("y");
    assertThat(model.activationName(1)).isEqualTo("identity");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                       | : expected at least one head, found none
          ['fc']                                   | [0]: expected an object, found a string
          [{'layers': ['fc']}]                     | [0].name: missing: expected a value
          [{'name': 'a', 'layers': ['fc']}, {'name': 'a', 'layers': ['score']}] | [1].name: expected another name than 'a', the name of outputs[0]
          [{'name': 'a'}]                          | [0].layers: missing: expected the layers from a<t> to the logits
          [{'name': 'a', 'layers': ['fd']}]        | [0].layers[0]: expected an activation or a module of model.safetensors (net.fc, net.more, net.rnn, net.score, net.words), found 'fd'
          [{'name': 'a', 'layers': ['fc']}, {'name': 'b', 'layers': ['fc']}] | [1].layers[0]: expected each module once, found 'net.fc' twice
          [{'name': 'a', 'layers': ['score']}]     | [0].activation: missing: expected sigmoid or identity, because the head has one output, whose softmax is always 1.0 (set softmax if that is intended)
          [{'name': 'a', 'layers': ['fc'], 'labels': ['x']}] | [0].labels: expected as many labels as model.safetensors has outputs (2), found 1
          [{'name': 'a', 'layers': ['fc'], 'unscale': {'mean': 0, 'std': 1}}] | [0].unscale: expected only with activation identity, found softmax
          [{'name': 'a', 'layers': ['fc'], 'head': 'fc'}] | [0].head: unknown field; expected name, activation, labels, layers, tensor, unscale
          """)
  void aMistakeInAHeadIsNamed(String outputs, String problem) throws IOException {
    directory.config("{" + FOUR + "'outputs': " + outputs + "}");
    assertThat(InvalidFile.message(directory::load).replace(directory + "/", ""))
        .isEqualTo("config.json: outputs" + problem);
  }

  @Test
  void oneHeadAndSeveralExcludeEachOther() throws IOException {
    directory.config(
        "{" + FOUR + "'outputs': [{'name': 'a', 'layers': ['fc']}], 'output': {'labels': ['x']}}");
    assertThat(InvalidFile.message(directory::load))
        .endsWith("output.labels: expected only without outputs, in which each head has its own");
  }
}
