package io.github.flinkrnn.kafka;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks for a topic before the job starts, so that a wrong address gives a one-line error. */
@Internal
public final class TopicCheck {
  private static final int TIMEOUT_SECONDS = 15;

  /**
   * A problem of a topic.
   *
   * @param property the field of the source or sink that is wrong; empty for none
   * @param text the message, without the field
   * @param onlyMissing whether the brokers answered that the topic does not exist
   */
  public record Problem(String property, String text, boolean onlyMissing) {}

  private TopicCheck() {}

  /** The problem of a topic, if any. Takes up to about 20 seconds. */
  public static Optional<Problem> check(String topic, Map<String, String> clientProperties) {
    Properties properties = Topics.adminProperties(clientProperties, TIMEOUT_SECONDS * 1000);
    String servers = clientProperties.get("bootstrap.servers");
    try (Admin admin = Admin.create(properties)) {
      admin.describeTopics(List.of(topic)).allTopicNames().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(problem(topic, servers, e.getCause()));
    } catch (TimeoutException e) {
      return Optional.of(unreachable(servers));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new Problem("", "interrupted while looking for the topic", false));
    } catch (KafkaException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      return Optional.of(new Problem("properties", cause.getMessage(), false));
    }
  }

  /**
   * Whether clients with these properties reach the same cluster. Takes up to about 20 seconds.
   *
   * @throws IllegalStateException if one of them does not answer
   */
  public static boolean isOneCluster(Map<String, String> first, Map<String, String> second) {
    return first.get("bootstrap.servers").equals(second.get("bootstrap.servers"))
        || clusterId(first).equals(clusterId(second));
  }

  private static String clusterId(Map<String, String> clientProperties) {
    Properties properties = Topics.adminProperties(clientProperties, TIMEOUT_SECONDS * 1000);
    try (Admin admin = Admin.create(properties)) {
      return admin.describeCluster().clusterId().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new IllegalStateException(
          "no broker answered at " + clientProperties.get("bootstrap.servers"), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking for the brokers", e);
    }
  }

  private static Problem problem(String topic, String servers, Throwable cause) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      return new Problem("topic", "topic '" + topic + "' does not exist at " + servers, true);
    }
    if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      return unreachable(servers);
    }
    return new Problem("properties", servers + " answered: " + cause.getMessage(), false);
  }

  private static Problem unreachable(String servers) {
    String text = "no broker answered at " + servers + " within " + TIMEOUT_SECONDS + " s";
    return new Problem("properties.bootstrap.servers", text, false);
  }
}
