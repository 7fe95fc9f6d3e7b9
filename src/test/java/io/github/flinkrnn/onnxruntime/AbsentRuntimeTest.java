package io.github.flinkrnn.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import io.github.flinkrnn.model.GoldenCase;
import io.github.flinkrnn.model.RnnModel;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime is no part of the jar: a model that takes it says what is to be added. */
class AbsentRuntimeTest {
  @Test
  void isOneLineThatNamesTheArtifact() throws IOException, ReflectiveOperationException {
    Path model = GoldenCase.of("onnx", "step-normalized-gru").modelDirectory();
    try (URLClassLoader without = without("onnxruntime-")) {
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
    try (URLClassLoader without = without("onnxruntime-")) {
      Object loaded =
          without
              .loadClass(RnnModel.class.getName())
              .getMethod("load", Path.class)
              .invoke(null, model);
      assertThat(loaded).isNotNull();
    }
  }

  /** Nor are the readers of Keras and ONNX files something that each program has. */
  @ParameterizedTest
  @CsvSource({
    "jhdf-, keras, gru-reset-after, model.keras, io.jhdf:jhdf, io.jhdf.",
    "protobuf-java-, onnx, gru, model.onnx, com.google.protobuf:protobuf-java, com.google.protobuf."
  })
  void aReadersLibraryIsNamed(
      String jar, String group, String name, String file, String artifact, String type)
      throws Exception {
    Path model = GoldenCase.of(group, name).modelDirectory();
    try (URLClassLoader without = without(jar)) {
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

  /** This class path, less one jar. */
  private static URLClassLoader without(String jar) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!new File(entry).getName().startsWith(jar)) {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
