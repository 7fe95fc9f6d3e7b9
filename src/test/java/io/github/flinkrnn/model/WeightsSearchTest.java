package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories of MLflow and Hugging Face, with the weights where these put them. */
class WeightsSearchTest {
  private static final String TWO_OUTPUTS = "{'output': {'labels': ['no', 'yes']}}";

  @TempDir private Path path;

  private Path directory() {
    return path.resolve("m");
  }

  private void write(String name, String text) throws IOException {
    Path file = directory().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text.replace('\'', '"'));
  }

  /** An RNN of 2 units, with 3 inputs or words, and 2 outputs. */
  private void weights(String name) throws IOException {
    Path file = directory().resolve(name);
    Files.createDirectories(file.getParent());
    new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", 2, 3)
        .zeros("rnn.weight_hh_l0", 2, 2)
        .zeros("fc.weight", 2, 2)
        .write(file);
  }

  private void mlflow() throws IOException {
    for (String name :
        List.of("MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "README.md")) {
      write(name, "x");
    }
  }

  private RnnModel load() throws IOException {
    return RnnModel.load(directory());
  }

  private String rejected() {
    return InvalidFile.message(this::load).replace(directory() + "/", "");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "artifacts/",
        "data/",
        "model/",
        "onnx/",
        "data/model/",
        "artifacts/model/",
        "artifacts/model/data/",
        "snapshots/0123456789abcdef/"
      })
  void findsWeightsWhereToolsPutThem(String below) throws IOException {
    mlflow();
    if (below.equals("artifacts/model/data/")) {
      write("artifacts/model/MLmodel", "x");
    }
    weights(below + "model.safetensors");
    write(below + "config.json", TWO_OUTPUTS);
    RnnModel model = load();
    assertThat(model.labels()).containsExactly("no", "yes");
    assertThat(model.name()).isEqualTo("m");
  }

  @Test
  void ignoresOtherFilesOfHuggingFace() throws IOException {
    for (String name :
        List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "README.md",
            ".gitattributes",
            "generation_config.json",
            "training_args.bin",
            "optimizer.pt",
            "pytorch_model.bin",
            "onnx/model_quantized.onnx",
            ".cache/model.safetensors")) {
      write(name, "x");
    }
    weights("model.safetensors");
    assertThat(load().outputSize()).isEqualTo(2);
    Files.move(
        directory().resolve("model.safetensors"), directory().resolve("onnx/model.safetensors"));
    assertThat(load().outputSize()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "artifacts/"})
  void theVocabularyIsNextToTheConfig(String below) throws IOException {
    weights("artifacts/model.safetensors");
    write(below + "config.json", "{'input': {'unknown_token': 'a'}}");
    write(below + "vocab.txt", "a\nb\nc\n");
    assertThat(load().describe()).contains("3 words, one-hot");
    Files.delete(directory().resolve(below + "vocab.txt"));
    write(below + "config.json", "{'input': {'file': 'words.txt'}}");
    assertThat(rejected())
        .isEqualTo(below + "words.txt: missing: expected the words of a vocabulary model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "artifacts/"})
  void aVocabularyNeedsNoConfig(String below) throws IOException {
    weights("artifacts/model.safetensors");
    write(below + "vocab.txt", "a\nb\nc\n");
    assertThat(load().describe()).contains("3 words, one-hot");
  }

  @ParameterizedTest
  @CsvSource({"'',artifacts/", "artifacts/,''"})
  void aVocabularyElsewhereIsAnError(String config, String vocabulary) throws IOException {
    weights("artifacts/model.safetensors");
    write(config + "config.json", "{}");
    write(vocabulary + "vocab.txt", "a\nb\nc\n");
    String in = directory() + (config.isEmpty() ? "" : "/" + config);
    assertThat(rejected())
        .isEqualTo(
            vocabulary
                + "vocab.txt: expected next to config.json, in "
                + in.replace(directory() + "/", "")
                + "; for a model of features, set input.type to features");
    write(config + "config.json", "{'input': {'type': 'features'}}");
    assertThat(load().describe()).contains("3 features");
  }

  @Test
  void theConfigOfTheDirectoryComesFirst() throws IOException {
    weights("model/model.safetensors");
    write("model/config.json", "{'architectures': ['X']}");
    write("config.json", TWO_OUTPUTS);
    assertThat(load().labels()).containsExactly("no", "yes");
  }

  @Test
  void severalWeightsAreNamed() throws IOException {
    weights("artifacts/model.safetensors");
    weights("data/model.onnx");
    assertThat(rejected())
        .isEqualTo(
            directory()
                + ": expected one of model.safetensors, parameters.json, model.onnx, model.keras,"
                + " model.h5, model.weights.h5 in the model directory, found"
                + " artifacts/model.safetensors and data/model.onnx");
    weights("model.safetensors"); // nearer
    assertThat(load().outputSize()).isEqualTo(2);
  }

  @Test
  void aNameThatIsNotReadIsNamed() throws IOException {
    String one =
        directory()
            + ": expected one of model.safetensors, parameters.json, model.onnx, model.keras,"
            + " model.h5, model.weights.h5 in the model directory, found none";
    write("notes/x.txt", "x");
    assertThat(rejected()).isEqualTo(one);
    weights("tagger.safetensors");
    assertThat(rejected()).isEqualTo(one + "; rename tagger.safetensors to model.safetensors");
    Files.delete(directory().resolve("tagger.safetensors"));
    weights("model-00001-of-00002.safetensors");
    weights("model-00002-of-00002.safetensors");
    assertThat(rejected())
        .isEqualTo(
            one
                + "; missing: model.safetensors.index.json, the index of"
                + " model-00001-of-00002.safetensors, model-00002-of-00002.safetensors");
  }

  @Test
  void searchesABoundedNumberOfDirectories() throws IOException {
    for (int i = 0; i < 120; i++) {
      Files.createDirectories(directory().resolve(String.format("d%03d", i)));
    }
    weights("d099/model.safetensors");
    assertThat(rejected()).contains("found none");
    weights("d098/model.safetensors");
    assertThat(load().outputSize()).isEqualTo(2);
  }

  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    for (String name : List.of("model.onnx", "model.keras", "model.safetensors")) {
      write(name, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
      assertThat(rejected())
          .isEqualTo(
              name
                  + ": expected weights, found a Git LFS pointer to them; run git lfs pull in the"
                  + " clone");
      Files.delete(directory().resolve(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"architectures", "transformers_version", "torch_dtype"})
  void theConfigOfTransformersIsNamed(String field) throws IOException {
    weights("model.safetensors");
    write("config.json", "{'model_type': 'bert', 'hidden_size': 2, '" + field + "': null}");
    assertThat(rejected())
        .isEqualTo(
            "config.json: "
                + field
                + ": unknown field: this file is the config.json of Hugging Face transformers;"
                + " replace it by one with only what the weights do not say, such as {\"output\":"
                + " {\"activation\": \"softmax\"}}, or by {}");
  }

  @Test
  void listsADirectoryInOrder() throws IOException {
    write("b/x", "x");
    write("a.txt", "x");
    write("c", "x");
    ModelFiles files = ModelFiles.of(directory());
    assertThat(files.list("")).containsExactly("a.txt", "b/", "c");
    assertThat(files.within("b/").list("")).containsExactly("x");
    assertThat(files.list("none/")).isEmpty();
    assertThat(files.list("c")).isEmpty();
  }
}
