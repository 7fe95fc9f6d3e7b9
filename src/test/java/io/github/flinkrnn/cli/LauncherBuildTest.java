package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When {@code jobs/run.sh} builds: in a clone without a target folder, and after a change. Also its
 * messages if it cannot build.
 */
class LauncherBuildTest {
  private static final String MAIN = "io.github.flinkrnn.cli.Main";

  @TempDir private Path clone;
  private ScriptClone scripts;
  private final Map<String, String> environment = new HashMap<>(Map.of("FLINK_RNN_LOG", ""));

  @BeforeEach
  void makeACloneWithFakeMavenAndJava() throws IOException {
    scripts = new ScriptClone(clone, "run.sh", "target/local");
    scripts.write("bin/mvn", "echo built; mkdir -p target/local; touch target/flink-rnn-1.jar");
    Files.createDirectories(clone.resolve("src/main"));
    Files.writeString(clone.resolve("src/main/A.java"), "");
    environment.put("TMPDIR", Files.createDirectory(clone.resolve("tmp")).toString());
  }

  @Test
  void theFirstStartBuildsAndReportsItOnStandardError() throws Exception {
    assertThat(run()).isZero();

    assertThat(scripts.lines("stdout")).endsWith(MAIN, "job");
    assertThat(scripts.lines("stderr"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("building flink-rnn");
    assertThat(scripts.lines("stderr")).last().isEqualTo("built");
  }

  @Test
  void theSecondStartDoesNot() throws Exception {
    run();

    assertThat(run()).isZero();
    assertThat(scripts.lines("stdout")).endsWith(MAIN, "job");
    assertThat(scripts.lines("stderr")).isEmpty();
    assertThat(log()).startsWith(target() + "/logs/run-");
  }

  @Test
  void aSourceNewerThanTheJarIsBuilt() throws Exception {
    run();
    makeASourceNewer();

    assertThat(run()).isZero();
    assertThat(scripts.lines("stdout")).endsWith(MAIN, "job");
    assertThat(scripts.lines("stderr")).contains("built");
  }

  private void makeASourceNewer() throws IOException {
    Path source = clone.resolve("src/main/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
  }

  @Test
  void aFailedBuildStartsNothing() throws Exception {
    scripts.write("bin/mvn", "exit 1");

    assertThat(run()).isEqualTo(1);
    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr")).last().asString().contains("failed");
  }

  @Test
  void aReadOnlyCheckoutThatIsBuiltStarts() throws Exception {
    run();
    Files.delete(clone.resolve("target/logs"));
    scripts.makeReadOnly();
    environment.put("FLINK_RNN_LOG", clone.resolve("my.log").toString());

    assertThat(run()).isZero();
    assertThat(scripts.lines("stdout")).endsWith(MAIN, "job");
    assertThat(scripts.lines("stderr")).isEmpty();
    assertThat(log()).isEqualTo(clone.resolve("my.log").toString());
    assertThat(clone.resolve("target/logs")).doesNotExist();
  }

  @Test
  void aReadOnlyCheckoutLogsToATemporaryFile() throws Exception {
    run();
    scripts.makeReadOnly();

    assertThat(run()).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
    assertThat(log()).startsWith(clone.resolve("tmp/flink-rnn-log.").toString());
    assertThat(Path.of(log())).isRegularFile();
  }

  @Test
  void aReadOnlyCheckoutWithNewerSourcesRunsWhatIsBuilt() throws Exception {
    run();
    makeASourceNewer();
    scripts.makeReadOnly();

    assertThat(run()).isZero();
    assertThat(scripts.lines("stdout")).endsWith(MAIN, "job");
    assertThat(scripts.lines("stderr"))
        .containsExactly(
            ("flink-rnn: warning: "
                    + target()
                    + "/flink-rnn-1.jar: older than the sources, but used")
                + (" because " + target() + " is not writable"));
  }

  @Test
  void aReadOnlyCheckoutThatIsNotBuiltIsOneLine() throws Exception {
    scripts.makeReadOnly();

    expectRefusal(target() + ": expected a writable directory, because nothing is built yet");
  }

  @Test
  void aLogThatCannotBeWrittenIsOneLine() throws Exception {
    run();
    String log = clone.resolve("nowhere/my.log").toString();
    environment.put("FLINK_RNN_LOG", log);

    expectRefusal("FLINK_RNN_LOG=" + log + ": expected a writable file");
  }

  @Test
  void aJavaHomeWithoutJavaIsOneLineBeforeTheBuild() throws Exception {
    String home = clone.resolve("nowhere").toString();
    environment.put("JAVA_HOME", home);

    expectRefusal("JAVA_HOME=" + home + ": expected a JDK 17 or later, found none that starts");
  }

  @Test
  void anOldJavaHomeIsOneLineBeforeTheBuild() throws Exception {
    for (String version : List.of("1.8.0_402", "11.0.2", "16-ea")) {
      scripts.writeJava(version);
      expectRefusal("JAVA_HOME=" + clone + ": expected a JDK 17 or later, found " + version);
    }
  }

  @Test
  void aNewerJavaStarts() throws Exception {
    for (String version : List.of("17", "17.0.15", "21-ea", "25.0.1")) {
      scripts.writeJava(version);
      assertThat(run()).as(version).isZero();
    }
  }

  @Test
  void withoutJavaHomeItIsTheJavaOnThePath() throws Exception {
    environment.put("JAVA_HOME", "");
    assertThat(run()).isZero();

    scripts.writeJava("11.0.2");
    expectRefusal(
        "JAVA_HOME is not set, java on the PATH: expected a JDK 17 or later, found 11.0.2");
    environment.put("PATH", pathOf("dirname"));
    expectRefusal(
        "JAVA_HOME is not set, java on the PATH: expected a JDK 17 or later,"
            + " found none that starts");
  }

  @Test
  void aBuildNeedsACompilerAndMaven() throws Exception {
    Files.delete(clone.resolve("bin/javac"));
    expectRefusal(
        ("JAVA_HOME=" + clone + ": expected a JDK 17 or later, found 17.0.1 without bin/javac,")
            + " which the build needs");
    scripts.write("bin/javac", "");
    environment.put("PATH", pathOf("dirname", "mkdir"));
    expectRefusal(
        "mvn on the PATH: expected Maven 3.6.3 or later, which the build needs, found none");
  }

  @Test
  void aBuiltCheckoutNeedsNeither() throws Exception {
    run();
    Files.delete(clone.resolve("bin/javac"));
    Files.delete(clone.resolve("bin/mvn"));

    assertThat(run()).isZero();
    assertThat(scripts.lines("stderr")).isEmpty();
  }

  /** A PATH that contains only these programs. */
  private String pathOf(String... names) throws IOException {
    for (String name : names) {
      scripts.write("tools/" + name, "exec " + Path.of("/bin", name).toRealPath() + " \"$@\"");
    }
    return clone.resolve("tools").toString();
  }

  private String log() throws IOException {
    String option = "-Dflink-rnn.log=";
    return scripts.lines("stdout").stream()
        .filter(line -> line.startsWith(option))
        .map(line -> line.substring(option.length()))
        .findFirst()
        .orElseThrow();
  }

  private String target() throws IOException {
    return clone.toRealPath().resolve("target").toString();
  }

  private void expectRefusal(String line) throws Exception {
    assertThat(run()).isEqualTo(2);
    assertThat(scripts.lines("stdout")).isEmpty();
    assertThat(scripts.lines("stderr")).containsExactly("flink-rnn: " + line);
  }

  private int run() throws IOException, InterruptedException {
    return scripts.run(environment, "job");
  }
}
