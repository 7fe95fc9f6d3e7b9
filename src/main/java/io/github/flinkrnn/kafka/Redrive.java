package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Reads the dead letters of a topic up to its end at the start, and sends the records in them, each
 * once. Records and {@link RedriveProgress} are committed in one transaction, so a run that is
 * killed or repeated sends nothing twice and leaves nothing out. A run first aborts the open
 * transaction of another run of the job, which was killed or then ends.
 */
@Internal
public final class Redrive implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /**
   * Longer than the three calls of a transaction wait for slow brokers (to send, to add the offsets
   * and to commit), because a transaction that times out looks like one that another run aborted.
   */
  private static final Duration TRANSACTION = PATIENCE.multipliedBy(4);

  /**
   * Which dead letters to send.
   *
   * @param reasons only those with one of these reasons
   * @param sinceMillis only those with at least this Kafka timestamp, in epoch milliseconds
   */
  public record Filter(Set<Reason> reasons, long sinceMillis) {}

  /**
   * What to do with a record of the topic.
   *
   * @param reason of the dead letter; empty if the record is not a dead letter
   * @param again the record to send, if any
   * @param label for counting
   * @param isLater whether a later run may send it, with another job file or topic
   */
  public record Choice(
      Optional<Reason> reason,
      Optional<ProducerRecord<byte[], byte[]>> again,
      String label,
      boolean isLater) {
    /** Of a dead letter that no run can send. */
    public static Choice never(Optional<Reason> reason, String label) {
      return new Choice(reason, Optional.empty(), label, false);
    }

    /** Of a dead letter that this run cannot send. */
    public static Choice later(Reason reason, String label) {
      return new Choice(Optional.of(reason), Optional.empty(), label, true);
    }

    private Choice with(String suffix) {
      return new Choice(reason, again, label + suffix, isLater);
    }
  }

  private final String job;
  private final Filter filter;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * @param job the name of the job, of which the consumer group and the transactional id are made
   * @param reader properties of a consumer of the dead letters
   * @param writer properties of a producer of the records; empty to send and to commit nothing
   * @throws RedriveException if a client fails
   */
  public Redrive(
      String job, Filter filter, Map<String, String> reader, Optional<Map<String, String>> writer)
      throws RedriveException {
    this.job = job;
    this.filter = filter;
    try {
      // The producer comes first, because it aborts transactions with offsets that are then read.
      this.producer = writer.isPresent() ? producer(writer.get()) : null;
      this.consumer = consumer(reader);
    } catch (KafkaException e) {
      throw failure(e);
    }
  }

  /** The consumer group whose offsets say which dead letters are done. */
  private String group() {
    return job + "-redrive";
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, String> connection) {
    Properties properties = Topics.asProperties(connection);
    // Without the prefix of the job's own transactional ids.
    properties.put("transactional.id", "flink-rnn-redrive/" + job);
    properties.put("transaction.timeout.ms", String.valueOf(TRANSACTION.toMillis()));
    properties.put("max.block.ms", String.valueOf(PATIENCE.toMillis()));
    properties.put("delivery.timeout.ms", String.valueOf(PATIENCE.toMillis()));
    ByteArraySerializer bytes = new ByteArraySerializer();
    KafkaProducer<byte[], byte[]> made = new KafkaProducer<>(properties, bytes, bytes);
    try {
      made.initTransactions();
      return made;
    } catch (KafkaException e) {
      made.close(CLOSE);
      throw e;
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer(Map<String, String> connection) {
    Properties properties = Topics.asProperties(connection);
    properties.put("group.id", group());
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest"); // retention may delete records meanwhile
    properties.put("isolation.level", "read_committed");
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    return new KafkaConsumer<>(properties, bytes, bytes);
  }

  /**
   * Reads the dead letters that no run has done, and sends their records.
   *
   * @param topic the topic of the dead letters
   * @param choose what to do with a record of the topic
   * @param done receives each choice after its transaction was committed
   * @throws RedriveException if a client fails. What was committed before stays sent
   */
  public void run(
      String topic, Function<ConsumerRecord<byte[], byte[]>, Choice> choose, Consumer<Choice> done)
      throws RedriveException {
    try {
      Map<TopicPartition, RedrivePartition> partitions = partitions(topic);
      consumer.assign(partitions.keySet());
      partitions.forEach((at, partition) -> consumer.seek(at, partition.begin()));
      long last = System.nanoTime();
      while (!partitions.isEmpty()) {
        Map<TopicPartition, Long> before = positions(partitions.keySet());
        List<Choice> choices = choices(consumer.poll(POLL), partitions, choose);
        Map<TopicPartition, Long> reached = positions(partitions.keySet());
        reached.forEach((at, offset) -> partitions.get(at).reach(offset));
        Set<TopicPartition> ended = new HashSet<>(partitions.keySet());
        ended.removeIf(at -> reached.get(at) < partitions.get(at).end());
        if (producer != null && !(choices.isEmpty() && ended.isEmpty())) {
          commit(partitions, choices);
        }
        choices.forEach(done);
        if (!ended.isEmpty()) {
          partitions.keySet().removeAll(ended);
          consumer.assign(partitions.keySet());
        }
        if (!reached.equals(before)) {
          last = System.nanoTime();
        } else if (System.nanoTime() - last > PATIENCE.toNanos()) {
          throw new RedriveException(
              "no dead letters arrived from the brokers for " + PATIENCE.toSeconds() + " s");
        }
      }
    } catch (KafkaException e) {
      throw failure(e);
    }
  }

  private Map<TopicPartition, RedrivePartition> partitions(String topic) throws RedriveException {
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    Map<TopicPartition, Long> oldest = consumer.beginningOffsets(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new HashSet<>(all));
    Map<TopicPartition, RedrivePartition> partitions = new HashMap<>();
    for (TopicPartition at : all) {
      RedriveProgress progress = RedriveProgress.of(committed.get(at));
      RedrivePartition partition =
          new RedrivePartition(progress, oldest.get(at), ends.get(at), filter.reasons());
      if (partition.begin() < partition.end()) {
        partitions.put(at, partition);
      }
    }
    return partitions;
  }

  private Map<TopicPartition, Long> positions(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(at -> positions.put(at, consumer.position(at)));
    return positions;
  }

  private List<Choice> choices(
      ConsumerRecords<byte[], byte[]> records,
      Map<TopicPartition, RedrivePartition> partitions,
      Function<ConsumerRecord<byte[], byte[]>, Choice> choose) {
    List<Choice> choices = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      RedrivePartition partition =
          partitions.get(new TopicPartition(record.topic(), record.partition()));
      if (record.offset() < partition.end()) {
        Choice choice = choose.apply(record);
        boolean isSince = record.timestamp() >= filter.sinceMillis();
        if (choice.reason().isEmpty()) {
          if (isSince) {
            choices.add(choice);
          }
        } else if (partition.isLeft(choice.reason().get(), record.offset())) {
          if (!isSince) {
            partition.leave(choice.reason().get(), record.offset());
          } else if (choice.isLater() && partition.hasRoom()) {
            partition.leave(choice.reason().get(), record.offset());
            choices.add(choice.with(" (left)"));
          } else {
            partition.take(choice.reason().get());
            choices.add(choice.isLater() ? choice.with(" (too many to leave)") : choice);
          }
        }
      }
    }
    return choices;
  }

  private void commit(Map<TopicPartition, RedrivePartition> partitions, List<Choice> choices)
      throws RedriveException {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, RedrivePartition> entry : partitions.entrySet()) {
      offsets.put(entry.getKey(), entry.getValue().progress().committed());
    }
    producer.beginTransaction();
    for (Choice choice : choices) {
      if (choice.again().isPresent()) {
        var unused = producer.send(placed(choice.again().get())); // the commit reports failures
      }
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
  }

  /** The record without a partition that its topic no longer has. */
  private ProducerRecord<byte[], byte[]> placed(ProducerRecord<byte[], byte[]> record) {
    if (record.partition() == null
        || record.partition() < producer.partitionsFor(record.topic()).size()) {
      return record;
    }
    return new ProducerRecord<>(
        record.topic(), null, record.timestamp(), record.key(), record.value(), record.headers());
  }

  private static RedriveException failure(KafkaException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && !(cause instanceof ProducerFencedException)
        && !(cause instanceof InvalidProducerEpochException)) {
      cause = cause.getCause();
    }
    boolean isFenced =
        cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException;
    return new RedriveException(
        isFenced
            ? "another --redrive of this job began, or this one stood still for "
                + TRANSACTION.toSeconds()
                + " s; the next one goes on after what this one committed"
            : "the brokers answered: " + cause.getMessage(),
        failure);
  }

  /** Aborts a transaction that is still open. */
  @Override
  public void close() {
    if (producer != null) {
      producer.close(CLOSE);
    }
    consumer.close();
  }
}
