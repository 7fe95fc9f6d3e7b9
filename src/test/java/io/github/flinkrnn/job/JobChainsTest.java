package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which operators of a job are chained. Between chained operators, a record is passed by a method
 * call. Only the keyBy, and the dead letters of two operators, serialize it.
 */
class JobChainsTest {
  private static final String KAFKA =
      "{type: kafka, topic: %s, properties: {bootstrap.servers: \"a:9092\"}}";

  @TempDir private Path directory;
  private JobFiles files;

  @BeforeEach
  void inADirectory() {
    files = new JobFiles(directory);
  }

  private static StreamExecutionEnvironment environment(JobFile job) {
    return RnnJob.environment(job, StreamExecutionEnvironment::getExecutionEnvironment);
  }

  private static List<String> tasks(JobFile job, int parallelism) {
    StreamExecutionEnvironment env = environment(job);
    env.setParallelism(parallelism);
    RnnJob.build(env, job);
    return StreamSupport.stream(
            env.getStreamGraph()
                .getJobGraph(JobChainsTest.class.getClassLoader())
                .getVertices()
                .spliterator(),
            false)
        .map(JobVertex::getName)
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"1, at-least-once", "4, exactly-once"})
  void fromTopicToTopicDecodeIsChainedToTheSourceAndEncodeToTheRecurrence(
      int parallelism, String delivery) {
    JobFile job =
        files.read(
            "name: a\nmodel: model\nsource: "
                + KAFKA.formatted("tokens")
                + "\nsink: "
                + KAFKA.formatted("tags")
                + "\ndead_letters: "
                + KAFKA.formatted("letters"),
            "sink.delivery=" + delivery);
    assertThat(tasks(job, parallelism))
        .containsExactly(
            "Source: tokens -> decode",
            "encode-dead-letters -> dead-letters: Writer -> dead-letters: Committer",
            "rnn -> encode-predictions -> predictions: Writer -> predictions: Committer");
  }

  @Test
  void fromFileToFileWithParallelismOneToo() {
    JobFile job =
        files.read(
            "name: a\nmodel: model\nsource: {type: file, path: in}\nsink: {type: file, path: out}");
    assertThat(tasks(job, 1))
        .containsExactly(
            "Source: lines of in -> decode",
            "dead-letters: Writer",
            "rnn -> encode-predictions -> predictions: Writer");
  }

  @Test
  void objectReuseIsEnabledUnlessTheJobDisablesIt() {
    assertThat(environment(files.read(JobFiles.MINIMAL)).getConfig().isObjectReuseEnabled())
        .isTrue();
    JobFile other = files.read(JobFiles.MINIMAL + "flink: {pipeline.object-reuse: false}\n");
    assertThat(environment(other).getConfig().isObjectReuseEnabled()).isFalse();
  }
}
