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
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Looks for topics before the job starts, so that a wrong name or address gives a one-line error.
 */
@Internal
public final class TopicCheck {
  static final int TIMEOUT_SECONDS = 15;

  /**
   * A problem of a topic.
   *
   * @param property the field of the source or sink that is wrong; empty for none
   * @param text the message, without the field
   * @param onlyMissing whether the brokers answered that the topic does not exist
   */
  public record Problem(String property, String text, boolean onlyMissing) {}

  private TopicCheck() {}

  /** The problem of the topics, if any. Takes up to about 20 seconds. */
  public static Optional<Problem> check(SourceTopics topics, Map<String, String> clientProperties) {
    Properties properties = Topics.adminProperties(clientProperties, TIMEOUT_SECONDS * 1000);
    ClientProblem problem = new ClientProblem(clientProperties);
    try (Admin admin = Admin.create(properties)) {
      return check(admin, topics, clientProperties.get("bootstrap.servers"), problem);
    } catch (ExecutionException e) {
      return Optional.of(problem.answered(e.getCause()));
    } catch (TimeoutException e) {
      return Optional.of(problem.silent());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new Problem("", "interrupted while looking for the topic", false));
    } catch (KafkaException e) {
      return Optional.of(problem.unmade(e));
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

  private static Optional<Problem> check(
      Admin admin, SourceTopics topics, String servers, ClientProblem problem)
      throws ExecutionException, InterruptedException, TimeoutException {
    if (topics instanceof SourceTopics.Matching matching) {
      return names(admin, topics, TIMEOUT_SECONDS * 1000).isEmpty()
          ? Optional.of(
              new Problem(
                  topics.field(0),
                  "no topic at " + servers + " matches '" + matching.expression() + "'",
                  true))
          : Optional.empty();
    }
    List<String> names = ((SourceTopics.Named) topics).names();
    Map<String, KafkaFuture<TopicDescription>> found =
        admin.describeTopics(names).topicNameValues();
    for (int i = 0; i < names.size(); i++) {
      try {
        found.get(names.get(i)).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        return Optional.of(
            ofTopic(topics.field(i), names.get(i), servers, e.getCause())
                .orElseGet(() -> problem.answered(e.getCause())));
      }
    }
    return Optional.empty();
  }

  /**
   * The names of the topics that a source reads now.
   *
   * @throws ExecutionException if the brokers do not list their topics
   */
  static List<String> names(Admin admin, SourceTopics topics, int timeoutMillis)
      throws ExecutionException, InterruptedException, TimeoutException {
    return topics instanceof SourceTopics.Matching matching
        ? matching.in(admin.listTopics().names().get(timeoutMillis, TimeUnit.MILLISECONDS))
        : ((SourceTopics.Named) topics).names();
  }

  /**
   * The names of the topics that a source reads now.
   *
   * @param clientProperties of the consumer
   * @throws ExecutionException if the brokers do not list their topics
   */
  public static List<String> names(SourceTopics topics, Map<String, String> clientProperties)
      throws ExecutionException, InterruptedException, TimeoutException {
    int timeoutMillis = TIMEOUT_SECONDS * 1000;
    try (Admin admin = Admin.create(Topics.adminProperties(clientProperties, timeoutMillis))) {
      return names(admin, topics, timeoutMillis);
    }
  }

  /** The problem with the name of a topic; empty if the cause is another one. */
  private static Optional<Problem> ofTopic(
      String field, String topic, String servers, Throwable cause) {
    if (cause instanceof UnknownTopicOrPartitionException) {
      String text = "topic '" + topic + "' does not exist at " + servers;
      return Optional.of(new Problem(field, text, true));
    }
    if (cause instanceof TopicAuthorizationException) {
      // The answer for a topic that does not exist, too, if the user may not list all topics.
      String text = "topic '" + topic + "' does not exist at " + servers + ", or is not permitted";
      return Optional.of(new Problem(field, text, false));
    }
    return Optional.empty();
  }
}
