package io.github.flinkrnn.rig.faults;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topics of the job, and clients that survive the death of a broker. */
public record Topics(String servers) {
  public static final String TOKENS = "tokens";
  public static final String PREDICTIONS = "predictions";
  public static final String REJECTED = "rejected";
  public static final int PARTITIONS = 4;

  /**
   * A producer that sends each record once and in order, whatever happens to the broker, so that it
   * is known what was sent.
   */
  public KafkaProducer<byte[], byte[]> producer() {
    ByteArraySerializer bytes = new ByteArraySerializer();
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers", servers,
            "acks", "all",
            "enable.idempotence", "true",
            "linger.ms", "5",
            "max.block.ms", "300000",
            "delivery.timeout.ms", "300000",
            "reconnect.backoff.max.ms", "500"),
        bytes,
        bytes);
  }

  /** A consumer of the committed records of a topic, from its beginning. */
  public KafkaConsumer<byte[], byte[]> committed(String topic) {
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", servers,
                "isolation.level", "read_committed",
                "enable.auto.commit", "false",
                "default.api.timeout.ms", "120000",
                "reconnect.backoff.max.ms", "500"),
            bytes,
            bytes);
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS)
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }
}
