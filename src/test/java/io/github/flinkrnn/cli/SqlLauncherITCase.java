package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.SequentialReference;
import io.github.flinkrnn.model.RnnModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jobs/run.sh sql} with the packaged jars, as the documentation shows it. */
class SqlLauncherITCase {
  private static final Path EXAMPLE = Path.of("jobs/name-tagging");

  @TempDir private Path directory;

  @Test
  void tagsTheSampleLikeTheJob() throws Exception {
    SequentialReference job = new SequentialReference(RnnModel.load(EXAMPLE.resolve("model")));
    for (String line : Files.readAllLines(EXAMPLE.resolve("tokens.jsonl"))) {
      job.accept(line.getBytes(StandardCharsets.UTF_8));
    }
    Launcher.Run run = new Launcher(directory).run("sql", EXAMPLE + "/tag.sql");

    assertThat(run.status()).as("%s", run.stderr()).isZero();
    assertThat(run.stdout()).containsExactlyInAnyOrderElementsOf(job.inOrder());
    assertThat(run.stderr()).isEmpty();
  }

  @Test
  void theDocumentationShowsTheQuery() throws Exception {
    String shown = Files.readString(Path.of("docs/SQL.md"));
    String query =
        Files.readAllLines(EXAMPLE.resolve("tag.sql")).stream()
            .dropWhile(line -> !line.startsWith("SELECT"))
            .collect(Collectors.joining("\n"));
    assertThat(shown).contains("```sql\n" + query + "\n```");
    assertThat(
            List.of(
                "jobs/name-tagging/tag.sql",
                "jobs/card-fraud/score.sql",
                "jobs/clickstream/next.sql"))
        .allSatisfy(
            file -> {
              assertThat(shown).contains("jobs/run.sh sql " + file);
              assertThat(Path.of(file)).exists();
            });
  }

  @Test
  void aMistakeIsOneLine() throws Exception {
    Path file = Files.writeString(directory.resolve("a.sql"), "SELECT\n  1 +;");
    Launcher.Run run = new Launcher(directory).run("sql", file.toString());

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.stdout()).isEmpty();
    assertThat(run.stderr())
        .containsExactly("flink-rnn: " + file + ":2:5: Encountered \"+ <EOF>\".");
  }
}
