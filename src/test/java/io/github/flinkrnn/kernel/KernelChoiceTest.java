package io.github.flinkrnn.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which kernel a JVM chooses, what it logs, and that every choice gives the same bits. */
class KernelChoiceTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @TempDir private Path directory;

  private record Outcome(String out, String err) {}

  private Outcome jvm(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("-Dlog4j2.configurationFile=" + log());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(KernelDigest.class.getName());
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(err, UTF_8)).isZero();
    return new Outcome(Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  /** The other JVM logs to its standard error. */
  private Path log() throws IOException {
    return Files.writeString(
        directory.resolve("log4j2.properties"),
        """
        rootLogger.level = warn
        rootLogger.appenderRef.console.ref = console
        appender.console.type = Console
        appender.console.name = console
        appender.console.target = SYSTEM_ERR
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %m%n
        """);
  }

  private static String digest() {
    return " " + KernelDigest.of(new PortableKernel());
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void vectorsOfEveryWidthGiveTheBitsOfThePortableKernel(int bits)
      throws IOException, InterruptedException {
    assertThat(
            jvm(MODULE, "-Dflink-rnn.kernel=simd", "-Dflink-rnn.kernel.bits=" + bits).out().lines())
        .contains("simd-" + bits + digest());
  }

  @Test
  void withoutTheModuleThePortableKernelIsUsedAndLoggedOnce()
      throws IOException, InterruptedException {
    Outcome outcome = jvm();
    assertThat(outcome.out().lines()).contains("portable" + digest());
    assertThat((outcome.out() + outcome.err()).lines().filter(line -> line.contains("--add-mod")))
        .hasSize(1)
        .first()
        .asString()
        .endsWith("start the JVM with --add-modules jdk.incubator.vector to use vectors");
  }

  @Test
  void aPropertyForcesOneWithoutAWarning() throws IOException, InterruptedException {
    Outcome outcome = jvm("-Dflink-rnn.kernel=portable");
    assertThat(outcome.out().lines()).contains("portable" + digest());
    assertThat(outcome.out() + outcome.err()).doesNotContain("--add-modules");
  }

  @Test
  void anUnavailableKernelIsAnError() {
    assertThat(KernelChoice.choose("portable", true).name()).isEqualTo("portable");
    assertThatThrownBy(() -> KernelChoice.choose("simd", false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "flink-rnn.kernel=simd: expected a JVM started with --add-modules jdk.incubator.vector");
    assertThatThrownBy(() -> KernelChoice.choose("ejml", true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("flink-rnn.kernel: expected simd or portable, found ejml");
  }
}
