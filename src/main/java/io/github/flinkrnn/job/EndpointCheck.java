package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks a job's files, brokers and topics from this machine. */
final class EndpointCheck {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointCheck.class);

  private final JobFile job;

  EndpointCheck(JobFile job) {
    this.job = job;
  }

  void files() {
    if (job.source() instanceof SourceSpec.File file && !file.isStdin()) {
      file(file.path());
    }
    job.sinks().forEach(this::file);
  }

  void topics() {
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      TopicCheck.check(kafka.topics(), kafka.properties())
          .ifPresent(
              found -> {
                throw invalid("source", found);
              });
    }
    job.sinks().forEach(this::topic);
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      job.sinks().forEach((field, sink) -> readsNot(kafka, field, sink));
    }
  }

  /** Rejects a sink's topic that the source reads from the same cluster by another address. */
  private void readsNot(SourceSpec.Kafka source, String field, SinkSpec sink) {
    if (!(sink instanceof SinkSpec.Kafka kafka) || !source.topics().contains(kafka.topic())) {
      return;
    }
    boolean isOne;
    try {
      isOne = TopicCheck.isOneCluster(source.properties(), kafka.properties());
    } catch (IllegalStateException e) {
      throw new InvalidFileException(
          job.file(), field + ".properties.bootstrap.servers", e.getMessage());
    }
    if (isOne) {
      throw JobValidator.isRead(job, field, kafka.topic());
    }
  }

  private void file(String path) {
    Path file = new Path(path);
    String problem;
    try {
      FileSystem fileSystem = file.getFileSystem();
      boolean there = fileSystem.exists(file);
      boolean local = !fileSystem.isDistributedFS();
      if (!there) {
        problem = "missing: expected a file of tokens";
      } else if (fileSystem.getFileStatus(file).isDir()) {
        problem = "expected a file of tokens, found a directory";
      } else if (local && isPipe(file.getPath())) {
        problem = "expected a file of tokens, found a pipe or a device (- is standard input)";
      } else {
        fileSystem.open(file).close();
        return;
      }
    } catch (IOException e) {
      problem = "cannot be read: " + e.getMessage();
    }
    throw new InvalidFileException(file.getPath(), "", problem);
  }

  private static boolean isPipe(String path) {
    return !Files.isRegularFile(java.nio.file.Path.of(path)) && !path.equals("/dev/null");
  }

  private void file(String field, SinkSpec sink) {
    if (sink instanceof SinkSpec.File file) {
      java.nio.file.Path path = java.nio.file.Path.of(file.path());
      boolean writable =
          Files.exists(path)
              ? Files.isWritable(path) && !Files.isDirectory(path)
              : Files.isWritable(path.getParent());
      if (!writable) {
        throw new InvalidFileException(
            job.file(), field + ".path", "expected a writable file, found " + path);
      }
    }
  }

  private void topic(String field, SinkSpec sink) {
    if (sink instanceof SinkSpec.Kafka kafka) {
      // A transactional producer asks for the open transactions of its topics before it writes, and
      // that fails for a topic that the broker would create at the first record.
      boolean needed = kafka.delivery() == DeliveryGuarantee.EXACTLY_ONCE;
      topic(field, kafka.topic(), kafka.properties(), needed);
    }
  }

  private void topic(String field, String topic, Map<String, String> properties, boolean needed) {
    Optional<TopicCheck.Problem> problem = TopicCheck.check(SourceTopics.of(topic), properties);
    if (problem.isPresent()) {
      TopicCheck.Problem found = problem.get();
      if (found.onlyMissing() && !needed) {
        LOG.warn("{}.topic: {}; the broker may create it", field, found.text());
      } else {
        throw invalid(field, found);
      }
    }
  }

  private InvalidFileException invalid(String field, TopicCheck.Problem found) {
    String place = found.property().isEmpty() ? field : field + "." + found.property();
    return new InvalidFileException(job.file(), place, found.text());
  }
}
