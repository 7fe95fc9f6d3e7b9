package io.github.flinkrnn.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** Where a source with {@code start: committed} begins. */
@Internal
public final class CommittedStart {
  private static final Logger LOG = LoggerFactory.getLogger(CommittedStart.class);
  private static final int TIMEOUT_MILLIS = 5000;

  private CommittedStart() {}

  /**
   * A line for each topic in which the consumer group has no committed offset for some partition.
   * No lines if the brokers do not answer within some seconds.
   *
   * @param properties of the consumer, with {@code group.id}
   */
  public static List<String> lines(SourceTopics topics, Map<String, String> properties) {
    String group = properties.get("group.id");
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
      return lines(group, described, committed.keySet());
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn("source.start: the committed offsets of group {} are unknown", group, e);
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static List<String> lines(
      String group, Map<String, TopicDescription> topics, Set<TopicPartition> committed) {
    List<String> lines = new ArrayList<>();
    topics.forEach(
        (name, topic) -> {
          int partitions = topic.partitions().size();
          long with =
              topic.partitions().stream()
                  .filter(p -> committed.contains(new TopicPartition(name, p.partition())))
                  .count();
          if (with < partitions) {
            String where = with == 0 ? "of topic " + name : "in all partitions of topic " + name;
            String others = with == 0 ? "" : " in the other " + (partitions - with);
            lines.add(
                "group "
                    + group
                    + " has no committed offsets "
                    + where
                    + "; the job begins at the earliest records"
                    + others);
          }
        });
    return lines;
  }
}
