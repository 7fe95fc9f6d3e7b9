package io.github.flinkrnn.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the topics of a running job every few seconds, because Kafka's clients do not fail when
 * a topic is deleted: a consumer asks for it again and again, and a producer waits. If it is then
 * created again, they continue as if it were the same topic.
 */
@Internal
public final class TopicWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int TIMEOUT_MILLIS = 5000;

  private final SourceTopics topics;
  private final Map<String, String> properties;
  private final String consequence;
  private final Map<String, Uuid> ids = new HashMap<>();
  private final ScheduledExecutorService thread;
  private volatile Admin admin;
  private volatile Set<String> missing = Set.of();

  /** Topics about which the brokers refused to answer, for example for lack of a permission. */
  private final Set<String> refused = new HashSet<>();

  /**
   * Starts to look.
   *
   * @param properties of the consumer or producer
   * @param consequence what it means if a topic was created again, for the log
   */
  public static TopicWatch start(
      SourceTopics topics, Map<String, String> properties, String consequence) {
    TopicWatch watch = new TopicWatch(topics, properties, consequence);
    var unused =
        watch.thread.scheduleWithFixedDelay(
            watch::look, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    return watch;
  }

  TopicWatch(SourceTopics topics, Map<String, String> properties, String consequence) {
    this.topics = topics;
    this.properties = properties;
    this.consequence = consequence;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "topic-watch");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** How many of the topics did not exist when it looked last. */
  public int missing() {
    return missing.size();
  }

  /** Looks once. One topic that cannot be described does not hide the others. */
  void look() {
    try {
      if (admin == null) {
        admin = Admin.create(Topics.adminProperties(properties, TIMEOUT_MILLIS));
      }
      lookAtAll();
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.debug("No answer about {}", topics, e); // whether they exist is not known
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookAtAll() throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> names = new TreeSet<>(ids.keySet());
    names.addAll(TopicCheck.names(admin, topics, TIMEOUT_MILLIS));
    Map<String, KafkaFuture<TopicDescription>> described =
        admin.describeTopics(List.copyOf(names)).topicNameValues();
    Set<String> gone = new TreeSet<>();
    for (String name : names) {
      try {
        see(name, described.get(name).get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).topicId());
        refused.remove(name);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof UnknownTopicOrPartitionException) {
          gone.add(name);
          refused.remove(name);
          if (!missing.contains(name)) {
            LOG.warn("Topic {} does not exist", name);
          }
        } else if (e.getCause() instanceof RetriableException) {
          throw e; // the brokers do not answer
        } else {
          if (missing.contains(name)) {
            gone.add(name); // as far as is known
          }
          if (refused.add(name)) {
            LOG.warn("Topic {} is not watched: {}", name, e.getCause().getMessage());
          }
        }
      }
    }
    missing = gone;
  }

  private void see(String name, Uuid id) {
    Uuid before = ids.put(name, id);
    if (missing.contains(name)) {
      LOG.info("Topic {} exists again", name);
    }
    if (before != null && !before.equals(id)) {
      LOG.warn("Topic {} was deleted and created again: {}", name, consequence);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      // Its classes are no longer there when the job has ended.
      var unused = thread.awaitTermination(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
