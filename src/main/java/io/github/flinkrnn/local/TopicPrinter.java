package io.github.flinkrnn.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Prints what is committed to a topic, from its beginning; without a topic, nothing. */
final class TopicPrinter implements AutoCloseable {
  private static final Duration WAIT = Duration.ofMillis(100);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final PrintStream out;

  TopicPrinter(String servers, Optional<String> topic, PrintStream out) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
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
    consumer.seekToBeginning(partitions);
  }

  /** Prints what has come since the last call, after waiting so long for more. */
  void print(Duration wait) {
    if (partitions.isEmpty()) {
      LockSupport.parkNanos(wait.toNanos());
      return;
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
      out.write(record.value(), 0, record.value().length);
      out.write('\n');
    }
    out.flush();
  }

  /** Prints everything that is committed by now. */
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
