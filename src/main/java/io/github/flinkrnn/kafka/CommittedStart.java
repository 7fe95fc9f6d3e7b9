package io.github.flinkrnn.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the committed offsets of a source's group say about where it begins. */
@Internal
public final class CommittedStart {
  private static final Logger LOG = LoggerFactory.getLogger(CommittedStart.class);
  private static final int TIMEOUT_MILLIS = 5000;

  private final String group;
  private final SourceTopics topics;
  private final Map<String, String> properties;

  /**
   * @param properties of the consumer, with {@code group.id}
   */
  public CommittedStart(SourceTopics topics, Map<String, String> properties) {
    this.group = properties.get("group.id");
    this.topics = topics;
    this.properties = properties;
  }

  /** What the brokers say: the topics, and the committed offsets of the group. */
  private record Answer(
      Map<String, TopicDescription> topics, Map<TopicPartition, OffsetAndMetadata> committed) {}

  /** Empty if the brokers do not answer within some seconds. */
  private Optional<Answer> ask() {
    Properties client = Topics.adminProperties(properties, TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(client)) {
      List<String> names = TopicCheck.names(admin, topics, TIMEOUT_MILLIS);
      Map<String, TopicDescription> described =
          new TreeMap<>(
              admin
                  .describeTopics(names)
                  .allTopicNames()
                  .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      committed.values().removeIf(offset -> offset == null);
      return Optional.of(new Answer(described, committed));
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn("The committed offsets of group {} are unknown", group, e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * For {@code start: committed}: a line for each topic in which the group has no committed offset
   * for some partition.
   */
  public List<String> gaps() {
    List<String> lines = new ArrayList<>();
    ask()
        .ifPresent(
            answer ->
                answer
                    .topics()
                    .forEach(
                        (name, topic) ->
                            gap(name, topic, answer.committed().keySet()).ifPresent(lines::add)));
    return lines;
  }

  private Optional<String> gap(String name, TopicDescription topic, Set<TopicPartition> committed) {
    int partitions = topic.partitions().size();
    long without =
        topic.partitions().stream()
            .filter(p -> !committed.contains(new TopicPartition(name, p.partition())))
            .count();
    if (without == 0) {
      return Optional.empty();
    }
    String none = "group " + group + " has no committed offset";
    return Optional.of(
        without == partitions
            ? none + "s of topic " + name + "; the job begins at the earliest records"
            : none
                + (" in " + without + " of " + partitions + " partitions of topic " + name)
                + "; there, the job begins at the earliest records");
  }

  /** Whether the group has read records of the topics before; false if that is unknown. */
  public boolean hasRead() {
    return ask()
        .filter(
            answer ->
                answer.committed().entrySet().stream()
                    .anyMatch(
                        offset ->
                            answer.topics().containsKey(offset.getKey().topic())
                                && offset.getValue().offset() > 0))
        .isPresent();
  }
}
