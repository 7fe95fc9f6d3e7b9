package io.github.flinkrnn.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Clients of one broker, for topics with one partition. */
final class TopicClients {
  private final String servers;

  TopicClients(String servers) {
    this.servers = servers;
  }

  String servers() {
    return servers;
  }

  /** Creates a topic whose records get the time at which the broker received them. */
  void create(String topic) throws ExecutionException, InterruptedException {
    NewTopic created =
        new NewTopic(topic, 1, (short) 1)
            .configs(Map.of("message.timestamp.type", "LogAppendTime"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.createTopics(List.of(created)).all().get();
    }
  }

  /**
   * @param lingerMillis how long a record may wait for others
   */
  TopicSender sender(String topic, int lingerMillis) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", servers);
    properties.put("linger.ms", lingerMillis);
    properties.put("batch.size", 256 << 10);
    ByteArraySerializer bytes = new ByteArraySerializer();
    return new TopicSender(topic, new KafkaProducer<>(properties, bytes, bytes));
  }

  /** A reader of a topic from its beginning. */
  KafkaConsumer<byte[], byte[]> consumer(String topic, boolean committedOnly) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", servers);
    properties.put("isolation.level", committedOnly ? "read_committed" : "read_uncommitted");
    properties.put("enable.auto.commit", false);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    TopicPartition partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    return consumer;
  }
}
