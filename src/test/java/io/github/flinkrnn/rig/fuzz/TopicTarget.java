package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.JobParts;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.kafka.TopicClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import tools.jackson.databind.JsonNode;

/**
 * Records through a complete job, from topic to topics on a real broker. Each group is one job. It
 * must end without a restart, with one prediction or dead letter for each record.
 */
final class TopicTarget implements Target {
  private static final int PARTITIONS = 2;

  /**
   * More bytes than the largest record has, because each character of a long record may be escaped.
   */
  private static final String LONGEST = "10000000";

  /** With a later timestamp, the sum of clock and limit overflows in the broker. */
  private static final long LATEST = 9_200_000_000_000_000_000L;

  /**
   * The parts of a job that differ: the model, {@code sequence} and {@code output}, the output
   * topics.
   */
  private record Scene(String model, String sections, Map<String, String> outputTopic) {}

  private static final List<Scene> SCENES =
      List.of(
          new Scene("tagger", "sequence: {}", Map.of()),
          new Scene(
              "open",
              """
              sequence: {order: timestamp}
              output: {fields: [token, timestamp], carry: [/note]}
              """,
              Map.of()),
          new Scene(
              "closed",
              """
              sequence: {idle_timeout: 1s}
              output: {carry: [/note, /user]}
              """,
              Map.of("max.message.bytes", "17000")),
          new Scene(
              "cycle",
              """
              sequence: {order: seq, max_wait: 100ms, max_buffered: 50, on_gap: reject}
              output: {fields: [seq, rank, model]}
              """,
              Map.of("message.timestamp.before.max.ms", "3600000")),
          new Scene(
              "table",
              "sequence: {order: timestamp, max_ahead: 1s, idle_timeout: 1h, idle_time: event}",
              Map.of()),
          new Scene(
              "three",
              """
              sequence: {window: 3}
              output: {top_k: 1, carry: [/x]}
              """,
              Map.of()));

  private final Path directory;
  private final EmbeddedKafka kafka;
  private final Map<String, FuzzModel> models = new HashMap<>();
  private final int together;

  private Tally tally;
  private String yaml;
  private JobFile job;
  private RecordMaker maker;
  private String prefix;
  private List<ProducerRecord<byte[], byte[]>> sent;
  private int groups;
  private long now;
  private boolean wild;

  /**
   * @param together the number of records that a job reads
   */
  TopicTarget(Path directory, int together) throws Exception {
    this.directory = directory;
    this.together = together;
    kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("kafka")));
    Path written = Files.createDirectory(directory.resolve("models"));
    FuzzModel.write(written).forEach(model -> models.put(model.name(), model));
  }

  @Override
  public String name() {
    return "topics";
  }

  @Override
  public int runs() {
    return 100_000;
  }

  @Override
  public int together() {
    return together;
  }

  @Override
  public Map<String, byte[]> context() {
    return yaml == null ? Map.of() : Map.of("job.yaml", yaml.getBytes(UTF_8));
  }

  @Override
  public void begin(Random random, Tally all) throws Exception {
    tally = all;
    Scene scene = SCENES.get(random.nextInt(SCENES.size()));
    FuzzModel model = models.get(scene.model());
    prefix = "fuzz-" + groups++ + "-";
    now = System.currentTimeMillis();
    wild = random.nextInt(3) == 0;
    sent = new ArrayList<>();
    String broker = "properties: {bootstrap.servers: \"" + kafka.address() + "\"}}\n";
    yaml =
        ("name: " + prefix + "\nmodel: " + model.directory() + "\n")
            + ("source: {type: kafka, topic: " + prefix + "tokens, " + broker)
            + ("sink: {type: kafka, topic: " + prefix + "predictions, " + broker)
            + ("dead_letters: {type: kafka, topic: " + prefix + "rejected, " + broker)
            + "flink: {restart-strategy.type: none, rest.bind-address: 127.0.0.1}\n"
            + scene.sections();
    Path file = directory.resolve("job.yaml");
    Files.writeString(file, yaml);
    job = JobParts.bounded(JobFileReader.read(file.toString(), List.of(), name -> null));
    maker = new RecordMaker(model, job);
    createTopics(scene.outputTopic());
  }

  private void createTopics(Map<String, String> ofOutputs) throws Exception {
    Map<String, String> tokens = new HashMap<>();
    tokens.put("message.timestamp.after.max.ms", String.valueOf(LATEST));
    tokens.put("max.message.bytes", LONGEST);
    tokens.put("retention.ms", "-1");
    tokens.put(
        "segment.ms",
        String.valueOf(Long.MAX_VALUE)); // the times are far apart; avoids a segment per record
    Map<String, String> outputs = new HashMap<>(ofOutputs);
    outputs.put("retention.ms", "-1");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      admin
          .createTopics(
              List.of(
                  topic("tokens", tokens),
                  topic("predictions", outputs),
                  topic("rejected", outputs)))
          .all()
          .get();
    }
  }

  private NewTopic topic(String name, Map<String, String> configs) {
    return new NewTopic(prefix + name, PARTITIONS, (short) 1).configs(configs);
  }

  @Override
  public Trial next(Random random) {
    int position = sent.size();
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            prefix + "tokens",
            random.nextInt(PARTITIONS),
            time(position, random),
            RecordMaker.recordKey(random),
            maker.value(position, random));
    for (int headers = random.nextInt(3); headers > 0; headers--) {
      byte[] value = random.nextBoolean() ? null : Hostile.string(random).getBytes(UTF_8);
      String header = Hostile.string(random).replaceAll("\\p{Cs}", ""); // the client miscounts them
      record.headers().add(header, value);
    }
    return new One(record);
  }

  /** A timestamp that a producer accepts: not before 1970. */
  private Long time(int position, Random random) {
    Long time = RecordMaker.recordTime(position, wild, random);
    if (time == null || time < 0) {
      return null;
    }
    return random.nextInt(40) == 0 ? now + random.nextInt(7_200_000) : Math.min(time, LATEST);
  }

  private final class One implements Trial {
    private final ProducerRecord<byte[], byte[]> record;

    One(ProducerRecord<byte[], byte[]> record) {
      this.record = record;
    }

    @Override
    public Map<String, byte[]> files() {
      Map<String, byte[]> files = new LinkedHashMap<>();
      if (record.value() != null) {
        files.put("value", record.value());
      }
      if (record.key() != null) {
        files.put("key", record.key());
      }
      return files;
    }

    @Override
    public String run() {
      sent.add(record);
      return "sent";
    }
  }

  @Override
  public void end() throws Exception {
    TopicClient.write(kafka.address(), sent, Map.of("max.request.size", LONGEST));
    StreamExecutionEnvironment env =
        RnnJob.environment(
            job, options -> StreamExecutionEnvironment.createLocalEnvironment(PARTITIONS, options));
    RnnJob.build(env, job);
    env.execute();
    try (TopicClient predictions = new TopicClient(kafka.address(), prefix + "predictions");
        TopicClient rejected = new TopicClient(kafka.address(), prefix + "rejected")) {
      int out = 0;
      for (ConsumerRecord<byte[], byte[]> prediction : predictions.readToEnd()) {
        Checks.json(prediction.value());
        out++;
      }
      tally.add("prediction", out);
      for (ConsumerRecord<byte[], byte[]> letter : rejected.readToEnd()) {
        JsonNode json = Checks.json(letter.value());
        Checks.oneLine(json.get("detail").stringValue(), Checks.MOST_MESSAGE);
        tally.add(json.get("reason").stringValue());
        out++;
      }
      Checks.expect(out == sent.size(), sent.size() + " records, " + out + " outputs");
    }
  }

  @Override
  public void close() {
    kafka.close();
  }
}
