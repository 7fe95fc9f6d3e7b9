package io.github.flinkrnn.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The SIMD kernel is compiled without -Werror, because javac's warning about an incubator module
 * cannot be suppressed. This test fails on every other warning.
 */
class SimdSourcesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/github/flinkrnn/kernel/simd");

  @TempDir private Path classes;

  @Test
  void compileWithoutWarningsExceptThatOfTheModule() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "--release=17",
            "--add-modules=jdk.incubator.vector",
            "-Xlint:all,-processing,-serial,-classfile",
            "-proc:none",
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> sources = Files.list(SOURCES)) {
      Iterable<? extends JavaFileObject> units =
          files.getJavaFileObjectsFromPaths(sources.sorted().toList());
      assertThat(compiler.getTask(null, files, diagnostics, options, null, units).call()).isTrue();
    }
    assertThat(diagnostics.getDiagnostics())
        .extracting(Diagnostic::getCode)
        .containsExactly("compiler.warn.incubating.modules");
  }
}
