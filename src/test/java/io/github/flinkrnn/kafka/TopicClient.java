package io.github.flinkrnn.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A client of a broker: writes records, and reads the committed records of a topic from its start.
 */
public final class TopicClient implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  /** Reads this topic, and writes to any. */
  public TopicClient(String servers, String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    ByteArraySerializer out = new ByteArraySerializer();
    producer = new KafkaProducer<>(properties, out, out);
    properties.put("isolation.level", "read_committed");
    ByteArrayDeserializer in = new ByteArrayDeserializer();
    consumer = new KafkaConsumer<>(properties, in, in);
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Writes records in order. A null value is a tombstone. */
  public void write(String topic, List<Map.Entry<String, byte[]>> records)
      throws ExecutionException, InterruptedException {
    List<ProducerRecord<byte[], byte[]>> produced = new ArrayList<>();
    for (Map.Entry<String, byte[]> record : records) {
      byte[] key = record.getKey() == null ? null : record.getKey().getBytes(UTF_8);
      produced.add(new ProducerRecord<>(topic, key, record.getValue()));
    }
    write(produced);
  }

  /** Writes records in order, with any topics, times and headers. */
  public void write(List<ProducerRecord<byte[], byte[]>> records)
      throws ExecutionException, InterruptedException {
    List<Future<?>> sent = new ArrayList<>();
    records.forEach(record -> sent.add(producer.send(record)));
    for (Future<?> one : sent) {
      one.get();
    }
  }

  /**
   * Writes records in order, with a separate producer.
   *
   * @param properties the properties of the producer, besides the servers
   */
  public static void write(
      String servers, List<ProducerRecord<byte[], byte[]>> records, Map<String, String> properties)
      throws ExecutionException, InterruptedException {
    Properties all = new Properties();
    // Sent one after the other, because an idempotent producer counts wrongly after several records
    // of megabytes.
    all.put("enable.idempotence", "false");
    all.put("max.in.flight.requests.per.connection", "1");
    all.putAll(properties);
    all.put("bootstrap.servers", servers);
    ByteArraySerializer out = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> own = new KafkaProducer<>(all, out, out)) {
      List<Future<?>> sent = new ArrayList<>();
      records.forEach(record -> sent.add(own.send(record)));
      for (Future<?> one : sent) {
        one.get();
      }
    }
  }

  /** Reads until the records so far are sufficient. Fails if they are not within the time. */
  public List<ConsumerRecord<byte[], byte[]>> readUntil(
      Predicate<List<ConsumerRecord<byte[], byte[]>>> enough, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (!enough.test(seen)) {
      consumer.poll(POLL).forEach(seen::add);
      if (System.nanoTime() > deadline) {
        throw new AssertionError("only " + seen.size() + " records after " + within);
      }
    }
    return seen;
  }

  /** All records that are committed now. */
  public List<ConsumerRecord<byte[], byte[]>> readToEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      consumer.poll(POLL).forEach(seen::add);
    }
    return seen;
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
  }
}
