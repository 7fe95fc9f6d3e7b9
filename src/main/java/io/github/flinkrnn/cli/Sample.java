package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.file.LineReader;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends a job's sample to a topic. */
final class Sample {
  /** Below the default limit of a broker. */
  private static final int MAX_LINE = 1_000_000;

  private Sample() {}

  /**
   * Sends the lines of a file in order, without Kafka keys, and waits until the broker has
   * acknowledged them.
   *
   * @param connection client properties for brokers and security
   * @return the number of lines
   * @throws InvalidFileException for a line that is too long
   */
  static int send(Path sample, String topic, Map<String, String> connection)
      throws IOException, ExecutionException, InterruptedException {
    Properties properties = new Properties();
    properties.putAll(connection);
    List<Future<?>> sent = new ArrayList<>();
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, bytes, bytes);
        InputStream in = Files.newInputStream(sample)) {
      LineReader lines = new LineReader(in, sample.toString(), MAX_LINE);
      for (SourceRecord line = lines.next(); line != null; line = lines.next()) {
        if (line.length() > MAX_LINE) {
          String place = "line " + (sent.size() + 1);
          throw new InvalidFileException(
              sample.toString(), place, "expected at most " + MAX_LINE + " bytes");
        }
        sent.add(producer.send(new ProducerRecord<>(topic, line.value())));
      }
    }
    for (Future<?> record : sent) {
      record.get();
    }
    return sent.size();
  }
}
