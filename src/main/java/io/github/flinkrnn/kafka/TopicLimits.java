package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Header;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits of a topic for its records. A record beyond them would fail the job, and fail it again
 * after each restart.
 *
 * @param maxBytes of key, value and headers together
 * @param maxAgeMillis how far before the broker's clock a record's timestamp may be
 */
@Internal
public record TopicLimits(int maxBytes, long maxAgeMillis) {
  private static final Logger LOG = LoggerFactory.getLogger(TopicLimits.class);

  /** No limits, for sinks other than topics. */
  public static final TopicLimits NONE = new TopicLimits(Integer.MAX_VALUE, Long.MAX_VALUE);

  /** A record batch and a record add at most 61 and 36 bytes to key and value. */
  private static final int OVERHEAD = 100;

  private static final String MAX_REQUEST = "max.request.size";
  private static final String BUFFER = "buffer.memory";
  private static final String MAX_MESSAGE = "max.message.bytes";
  private static final String MAX_AGE = "message.timestamp.before.max.ms";
  private static final String MAX_DIFFERENCE = "message.timestamp.difference.max.ms"; // before 4.0
  private static final long DEFAULT_MAX_REQUEST = 1 << 20;
  private static final long DEFAULT_BUFFER = 32 << 20;
  private static final int TIMEOUT_MILLIS = 5000;

  /**
   * The limits of a producer with these properties and of the topic. If no broker answers within
   * five seconds, only those of the producer.
   */
  public static TopicLimits ask(String topic, Map<String, String> properties) {
    Config config = new Config(List.of());
    Properties client = Topics.adminProperties(properties, TIMEOUT_MILLIS);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(client)) {
      config =
          admin
              .describeConfigs(List.of(resource))
              .all()
              .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
              .get(resource);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      // The topic may not exist yet, or describing it may not be allowed.
      LOG.info("Limits of topic {} are unknown ({}); using the producer's", topic, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return of(properties, config);
  }

  /**
   * The limits of a producer with these properties.
   *
   * @param config of the topic, as far as it is known
   */
  static TopicLimits of(Map<String, String> properties, Config config) {
    long producer =
        Math.min(
            number(properties.get(MAX_REQUEST), DEFAULT_MAX_REQUEST),
            number(properties.get(BUFFER), DEFAULT_BUFFER));
    long most = Math.min(producer, number(config, MAX_MESSAGE)) - OVERHEAD;
    return new TopicLimits(
        (int) Math.min(Math.max(0, most), Integer.MAX_VALUE),
        Math.min(number(config, MAX_AGE), number(config, MAX_DIFFERENCE)));
  }

  private static long number(Config config, String name) {
    ConfigEntry entry = config.get(name); // older brokers lack some
    return number(entry == null ? null : entry.value(), Long.MAX_VALUE);
  }

  private static long number(String text, long otherwise) {
    return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : otherwise;
  }

  /** Whether a record with another's key and headers, and with this value, is within the limit. */
  public boolean takes(ConsumerRecord<byte[], byte[]> other, byte[] value) {
    long key = other.key() == null ? 0 : other.key().length;
    long headers = Header.bytes(SourceRecordSchema.headers(other.headers().toArray()));
    return key + headers + value.length <= maxBytes;
  }

  /**
   * The timestamp of an output record: that of its source record, but not after the clock, and not
   * further before it than half of what the topic allows.
   *
   * @param time of the source record in epoch milliseconds; null for none
   * @param now the clock in epoch milliseconds
   * @return epoch milliseconds, or null to leave the timestamp to the producer
   */
  public Long time(Long time, long now) {
    if (time == null || time < 0) { // Kafka has no timestamps before 1970
      return null;
    }
    // Half of the limit leaves the producer time to send.
    long least = maxAgeMillis > now ? 0 : now - maxAgeMillis / 2;
    return Math.min(now, Math.max(time, least));
  }
}
