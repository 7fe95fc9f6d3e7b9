package io.github.flinkrnn.bench;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.ReplacedRecurrence;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/** A complete job, from a job file, from topic to topic. */
final class KafkaJob {
  private static final String YAML =
      """
      name: NAME
      model: MODEL
      source:
        type: kafka
        topic: tokens
        start: earliest
        properties: {bootstrap.servers: "SERVERS"}
      sink:
        type: kafka
        topic: predictions
        delivery: exactly-once
        properties: {bootstrap.servers: "SERVERS"}
      output:
        fields: [prediction, seq]
      flink:
        execution.checkpointing.interval: 1s
      """;

  private final LocalFlink flink;
  private final Path model;
  private final String servers;
  private final TemporaryFiles files;

  KafkaJob(LocalFlink flink, Path model, String servers, TemporaryFiles files) {
    this.flink = flink;
    this.model = model;
    this.servers = servers;
    this.files = files;
  }

  /**
   * Starts the job.
   *
   * @param name the name of the job, different for each run
   * @param bounded whether the job ends after the records that exist when it starts
   * @param rejected a topic for dead letters, for which tokens carry the bytes of their records; or
   *     none
   * @param settings options of the job, each as {@code FIELD=VALUE}
   * @param replacement a function in place of the recurrence, or none
   */
  JobID start(
      String name,
      String from,
      String to,
      boolean bounded,
      DeliveryGuarantee delivery,
      Optional<String> rejected,
      List<String> settings,
      Optional<KeyedProcessFunction<String, Token, Prediction>> replacement)
      throws Exception {
    Path file = files.create("job").resolve("job.yaml");
    Files.writeString(
        file,
        YAML.replace("NAME", name).replace("MODEL", model.toString()).replace("SERVERS", servers));
    JobFile read = JobFileReader.read(file.toString(), settings, System::getenv);
    Map<String, String> properties = Map.of("bootstrap.servers", servers);
    Map<String, String> reader = Map.of("bootstrap.servers", servers, "group.id", name);
    JobFile job =
        read.between(
            new SourceSpec.Kafka(from, reader, bounded),
            new SinkSpec.Kafka(to, delivery, properties),
            rejected.map(topic -> new SinkSpec.Kafka(topic, delivery, properties)),
            Optional.empty());
    StreamExecutionEnvironment env = RnnJob.environment(job, flink::environment);
    if (replacement.isPresent()) {
      ReplacedRecurrence.build(env, job, replacement.get());
    } else {
      RnnJob.build(env, job);
    }
    return flink.start(env);
  }
}
