package io.github.flinkrnn.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import io.github.flinkrnn.config.ReducedClassPath;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model that needs an optional library names it in the error. */
class AbsentRuntimeTest {
  @Test
  void theErrorNamesTheArtifact() throws IOException, ReflectiveOperationException {
    Path model = GoldenCase.of("onnx", "step-normalized-gru").modelDirectory();
    try (URLClassLoader without = ReducedClassPath.without("onnxruntime-")) {
      Throwable thrown = load(without, model);
      assertThat(thrown.getClass().getName())
          .isEqualTo("io.github.flinkrnn.config.InvalidFileException");
      assertThat(thrown.getMessage())
          .isEqualTo(
              model.resolve("model.onnx")
                  + ": missing: expected ONNX Runtime for a step graph: put "
                  + "com.microsoft.onnxruntime:onnxruntime:1.29.0 on the class path"
                  + " (on a cluster, in Flink's lib folder)");
    }
  }

  @Test
  void aGraphOfBuiltInCellsLoadsWithoutIt() throws IOException, ReflectiveOperationException {
    Path model = GoldenCase.of("onnx", "gru").modelDirectory();
    try (URLClassLoader without = ReducedClassPath.without("onnxruntime-")) {
      Object loaded =
          without
              .loadClass(RnnModel.class.getName())
              .getMethod("load", Path.class)
              .invoke(null, model);
      assertThat(loaded).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jhdf-, keras, gru-reset-after, model.keras, io.jhdf:jhdf, io.jhdf.",
    "protobuf-java-, onnx, gru, model.onnx, com.google.protobuf:protobuf-java, com.google.protobuf."
  })
  void aReadersLibraryIsNamed(
      String jar, String group, String name, String file, String artifact, String type)
      throws Exception {
    Path model = GoldenCase.of(group, name).modelDirectory();
    try (URLClassLoader without = ReducedClassPath.without(jar)) {
      assertThat(load(without, model).getMessage())
          .startsWith(
              model.resolve(file)
                  + ": expected "
                  + artifact
                  + " on the class path, found no class "
                  + type);
    }
  }

  @Test
  void theArtifactIsTheOneBuiltWith() {
    assertThat(StepGraphs.ARTIFACT)
        .isEqualTo(
            "com.microsoft.onnxruntime:onnxruntime:"
                + OrtEnvironment.getEnvironment().getVersion());
  }

  private static Throwable load(ClassLoader loader, Path model)
      throws ReflectiveOperationException {
    try {
      loader.loadClass(RnnModel.class.getName()).getMethod("load", Path.class).invoke(null, model);
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
    return Assertions.fail("loads without ONNX Runtime");
  }
}
