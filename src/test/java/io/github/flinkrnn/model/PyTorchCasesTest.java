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
 * Networks of many makes, as {@code src/test/python/pytorch_cases.py} writes them, give what
 * PyTorch gave: modules one above the other, cells, tied embeddings, heads of several layers,
 * learned first states.
 */
class PyTorchCasesTest {
  static List<String> names() throws IOException {
    try (Stream<Path> directories = Files.list(GoldenCase.resource("/pytorch"))) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  // An empty folder would leave nothing to fail.
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
