package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.config.InvalidFile;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.Part;
import io.github.flinkrnn.rig.fuzz.Mutator;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A state_dict in several files with an index, and the errors of an index that does not fit. */
class ShardedSafeTensorsTest {
  private static final String INDEX = "model.safetensors.index.json";
  private static final String WHOLE =
      "'rnn.weight_ih_l0': 'a.safetensors', 'rnn.weight_hh_l0': 'a.safetensors',"
          + " 'fc.weight': 'b.safetensors', 'step': 'b.safetensors'";

  @TempDir private Path path;
  private ModelDirectory model;

  @BeforeEach
  void shards() throws IOException {
    model = ModelDirectory.in(path.resolve("m"));
    new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", 4, 3)
        .zeros("rnn.weight_hh_l0", 4, 4)
        .write(model.path("a.safetensors"));
    new SafeTensorsFile()
        .zeros("fc.weight", 2, 4)
        .raw("step", "I64", new int[0], new byte[8])
        .write(model.path("b.safetensors"));
    map(WHOLE);
  }

  private void map(String entries) throws IOException {
    index("{'metadata': {'total_size': 1}, 'weight_map': {" + entries + "}}");
  }

  private void index(String json) throws IOException {
    model.write(INDEX, json.replace('\'', '"'));
  }

  private String rejected() {
    return InvalidFile.message(model::load).replace(model + "/", "");
  }

  @Test
  void readsTheTensorsOfAllFiles() throws IOException {
    RnnModel loaded = model.load();
    assertThat(loaded.describe()).contains("one layer of 4, 3 features, 2 outputs, 36 parameters");
    assertThat(loaded.parts()).endsWith(new Part("not used", "step, I64 []"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../m/a.safetensors",
        "/a.safetensors",
        "x/a.safetensors",
        "x\\\\a.safetensors",
        "a.safetensors\\u0000.safetensors",
        "..safetensors",
        "a.bin",
        ""
      })
  void aFileIsNextToTheIndex(String file) throws IOException {
    map("'fc.weight': '" + file + "'");
    assertThat(rejected())
        .startsWith(
            INDEX
                + ": weight_map['fc.weight']: expected the name of a .safetensors file in the"
                + " directory of the index, found '");
  }

  @Test
  void aFileMustExist() throws IOException {
    map(WHOLE.replace("b.safe", "c.safe"));
    assertThat(rejected())
        .isEqualTo(
            INDEX
                + ": weight_map['fc.weight']: missing: expected the file 'c.safetensors' in the"
                + " directory of the index");
  }

  @Test
  void aTensorMustBeInItsFile() throws IOException {
    map(WHOLE + ", 'fc.bias': 'b.safetensors'");
    assertThat(rejected())
        .isEqualTo(INDEX + ": weight_map['fc.bias']: expected b.safetensors to hold the tensor");
  }

  @Test
  void aTensorMustBeInOneFile() throws IOException {
    new SafeTensorsFile()
        .zeros("rnn.weight_ih_l0", 4, 3)
        .zeros("fc.weight", 2, 4)
        .write(model.path("b.safetensors"));
    assertThat(rejected())
        .isEqualTo(
            "b.safetensors: tensor 'rnn.weight_ih_l0': expected the tensor only in a.safetensors, as "
                + INDEX
                + " says");
  }

  @Test
  void aTensorMustBeListed() throws IOException {
    map(WHOLE.replace(", 'step': 'b.safetensors'", ""));
    assertThat(rejected())
        .isEqualTo("b.safetensors: tensor 'step': expected a tensor that " + INDEX + " lists");
  }

  @Test
  void theIndexMustBeAnIndex() throws IOException {
    String expected = INDEX + ": weight_map: expected an object with the file of each tensor";
    for (String json : List.of("{}", "[]", "{'weight_map': {}}", "{'weight_map': ['a']}")) {
      index(json);
      assertThat(rejected()).isEqualTo(expected);
    }
    index("{'weight_map': {'fc.weight': 7}}");
    assertThat(rejected())
        .isEqualTo(
            INDEX
                + ": weight_map['fc.weight']: expected the name of a .safetensors file in the"
                + " directory of the index, found no string");
    index("{'weight_map': {'a': 'a.safetensors', 'a': 'b.safetensors'}}");
    assertThat(rejected())
        .isEqualTo(
            INDEX
                + ": cannot be read as JSON at line 1, column 42: Duplicate Object property \"a\"");
    index(" ".repeat((1 << 20) + 1));
    assertThat(rejected()).isEqualTo(INDEX + ": expected at most 1048576 bytes, found more");
  }

  @Test
  void countAndSizesAreBounded() throws IOException {
    StringBuilder many = new StringBuilder("'x': 'a.safetensors'");
    for (int i = 0; i < 100; i++) {
      many.append(", 'x").append(i).append("': '").append(i).append(".safetensors'");
    }
    map(many.toString());
    assertThat(rejected()).isEqualTo(INDEX + ": weight_map: expected at most 100 files, found 101");
    map(WHOLE);
    for (String name : List.of("a.safetensors", "b.safetensors")) {
      try (RandomAccessFile sparse = new RandomAccessFile(model.path(name).toFile(), "rw")) {
        sparse.setLength((1L << 30) + 1);
      }
    }
    assertThat(rejected())
        .isEqualTo(INDEX + ": weight_map: expected files of at most 2 GiB in all, found more");
  }

  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    model.write("b.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    assertThat(rejected())
        .isEqualTo(
            "b.safetensors: expected weights, found a Git LFS pointer to them; run git lfs pull in"
                + " the clone");
  }

  @Test
  void excludesAWholeFile() throws IOException {
    model.safetensors(new SafeTensorsFile().zeros("fc.weight", 2, 4));
    assertThat(rejected()).endsWith(", found model.safetensors and " + INDEX);
  }

  @Test
  void damageEndsInAModelOrInOneLine() throws IOException {
    List<Path> files =
        List.of(model.path(INDEX), model.path("a.safetensors"), model.path("b.safetensors"));
    Random random = new Random(20261126);
    int loaded = 0;
    int mutations = 3000;
    for (int i = 0; i < mutations; i++) {
      Path file = files.get(random.nextInt(3));
      byte[] whole = Files.readAllBytes(file);
      boolean isIndex = file.equals(files.get(0));
      Files.write(
          file,
          isIndex
              ? Mutator.damage(whole, random, Mutator.JSON_PIECES)
              : Mutator.damage(whole, random));
      try {
        loaded += model.load().outputSize() > 0 ? 1 : 0;
      } catch (InvalidFileException e) {
        assertThat(e.getMessage()).as("mutation %d", i).startsWith(model + "/").hasLineCount(1);
      }
      Files.write(file, whole);
    }
    assertThat(loaded).isBetween(50, mutations - 500);
    assertThat(Files.readString(files.get(0), StandardCharsets.UTF_8)).contains("total_size");
  }
}
