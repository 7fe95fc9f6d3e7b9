package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.Shown;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Prints the committed records of a topic; without a topic, nothing. */
final class TopicPrinter implements AutoCloseable {
  private static final Duration WAIT = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final PrintStream out;

  private TopicPrinter(Map<String, String> connection, Optional<String> topic, PrintStream out) {
    Properties properties = new Properties();
    properties.putAll(connection);
    properties.put("isolation.level", "read_committed");
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    this.consumer = new KafkaConsumer<>(properties, bytes, bytes);
    this.partitions =
        topic.stream()
            .flatMap(name -> consumer.partitionsFor(name).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    this.out = out;
    consumer.assign(partitions);
  }

  /**
   * Prints from the topic's first record on.
   *
   * @param connection client properties for brokers and security
   */
  static TopicPrinter fromBeginning(
      Map<String, String> connection, Optional<String> topic, PrintStream out) {
    TopicPrinter printer = new TopicPrinter(connection, topic, out);
    printer.consumer.seekToBeginning(printer.partitions);
    return printer;
  }

  /**
   * Prints from the topic's current end on.
   *
   * @param connection client properties for brokers and security
   */
  static TopicPrinter fromEnd(
      Map<String, String> connection, Optional<String> topic, PrintStream out) {
    TopicPrinter printer = new TopicPrinter(connection, topic, out);
    printer.consumer.seekToEnd(printer.partitions);
    printer.partitions.forEach(printer.consumer::position); // seeking is lazy: fix the end now
    return printer;
  }

  /**
   * Prints the records since the last call, escaped for a terminal.
   *
   * @param wait how long to wait for records
   * @return the number of records
   */
  int print(Duration wait) {
    if (partitions.isEmpty()) {
      LockSupport.parkNanos(wait.toNanos());
      return 0;
    }
    ConsumerRecords<byte[], byte[]> records = consumer.poll(wait);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byte[] value = record.value() == null ? new byte[0] : record.value(); // a tombstone
      byte[] shown = Shown.line(new String(value, UTF_8)).getBytes(UTF_8);
      out.write(shown, 0, shown.length);
      out.write('\n');
    }
    out.flush();
    return records.count();
  }

  /** Prints all records up to the current end. */
  void printToEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      print(WAIT);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
