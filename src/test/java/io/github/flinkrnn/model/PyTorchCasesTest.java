package io.github.flinkrnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks of many structures, as {@code src/test/python/pytorch_cases.py} writes them, give the
 * results of PyTorch: stacked modules, cells, tied embeddings, heads of several layers, learned
 * initial states.
 */
class PyTorchCasesTest {
  static List<String> names() throws IOException {
    try (Stream<Path> directories = Files.list(GoldenCase.resource("/pytorch"))) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  // With an empty folder, the other test would pass.
  @Test
  void thereAreCases() throws IOException {
    assertThat(names()).hasSizeGreaterThanOrEqualTo(15).contains("lstm-cells", "lstm-257");
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithPyTorchAtEveryStep(String name) throws IOException {
    GoldenCase golden = GoldenCase.in(GoldenCase.resource("/pytorch/" + name));
    GoldenCaseTest.assertAgreement(golden.model(), golden.steps(), new HashMap<>());
  }
}
