package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kafka.Topics;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Test;

/**
 * The broker configuration of docker-compose.yml: Kafka itself reads it, and no field is misspelt.
 */
class BrokerFileTest {
  @Test
  void kafkaKnowsEveryField() throws Exception {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of("src/deploy/kafka/server.properties"))) {
      properties.load(in);
    }
    KafkaConfig config = KafkaConfig.fromProps(properties);

    assertThat(AbstractKafkaConfig.CONFIG_DEF.names())
        .containsAll(properties.stringPropertyNames());
    assertThat(config.getInt("transaction.max.timeout.ms"))
        .isGreaterThanOrEqualTo((int) Topics.TRANSACTION_TIMEOUT_MILLIS);
    assertThat(config.getBoolean("auto.create.topics.enable")).isFalse();
  }
}
