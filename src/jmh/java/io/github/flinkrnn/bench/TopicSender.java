package io.github.flinkrnn.bench;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends values to a topic. If one of them was not sent, this is reported at the end. */
final class TopicSender implements AutoCloseable {
  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final CompletableFuture<Void> sent = new CompletableFuture<>();

  TopicSender(String topic, KafkaProducer<byte[], byte[]> producer) {
    this.topic = topic;
    this.producer = producer;
  }

  void send(byte[] value) {
    var unused =
        producer.send(
            new ProducerRecord<>(topic, value),
            (place, failure) -> {
              if (failure != null) {
                sent.completeExceptionally(failure);
              }
            });
  }

  @Override
  public void close() {
    producer.close();
    sent.getNow(null);
  }
}
