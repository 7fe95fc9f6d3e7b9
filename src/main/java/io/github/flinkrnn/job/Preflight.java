package io.github.flinkrnn.job;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kafka.TopicCheck;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.ModelFit;
import io.github.flinkrnn.rules.OptionException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at everything a job needs before any of it starts, so that what is wrong is one line. */
public final class Preflight {
  private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);

  /**
   * The job's model.
   *
   * @param description in a line
   * @param fixedSteps {@link RnnModel#fixedSteps}
   */
  public record Model(String description, int fixedSteps) {}

  private final JobFile job;

  private Preflight(JobFile job) {
    this.job = job;
  }

  /**
   * Reads the model, and looks for the job's files, brokers and topics from this machine.
   *
   * @return the model
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static Model check(JobFile job) {
    Model model = checkWithoutTopics(job);
    new Preflight(job).topics();
    return model;
  }

  /**
   * The same without the brokers, for a job that will be given others.
   *
   * @return the model
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static Model checkWithoutTopics(JobFile job) {
    Preflight preflight = new Preflight(job);
    Model found;
    try (RnnModel model = preflight.model()) {
      JobEndsCheck.check(job, model);
      preflight.fits(model);
      found = new Model(model.describe(), model.fixedSteps());
    }
    preflight.files();
    return found;
  }

  /**
   * Looks for brokers and topics alone, for what goes on outside the job.
   *
   * @throws InvalidFileException for the first thing that is wrong
   */
  public static void checkTopics(JobFile job) {
    new Preflight(job).topics();
  }

  private void fits(RnnModel model) {
    try {
      ModelFit.check(model, job.sequence(), job.output());
    } catch (OptionException e) {
      throw new InvalidFileException(job.file(), e.field(), e.problem());
    }
  }

  private void files() {
    if (job.source() instanceof SourceSpec.File file && !file.isStdin()) {
      file(file.path());
    }
    job.sinks().forEach(this::file);
  }

  private void topics() {
    if (job.source() instanceof SourceSpec.Kafka kafka) {
      topic("source", kafka.topic(), kafka.properties(), true);
    }
    job.sinks().forEach(this::topic);
  }

  private RnnModel model() {
    try {
      return RnnModel.load(job.model().files());
    } catch (IOException e) {
      throw new InvalidFileException(job.file(), "model", "cannot be read: " + e.getMessage());
    }
  }

  private void file(String path) {
    Path file = new Path(path);
    String problem = null;
    try {
      FileSystem fileSystem = file.getFileSystem();
      boolean there = fileSystem.exists(file);
      boolean local = !fileSystem.isDistributedFS();
      if (!there) {
        problem = "is missing";
      } else if (fileSystem.getFileStatus(file).isDir()) {
        problem = "is a directory";
      } else if (local && isPipe(file.getPath())) {
        problem = "is a pipe or a device (the path - reads the standard input)";
      } else {
        fileSystem.open(file).close();
      }
    } catch (IOException e) {
      problem = "cannot be read: " + e.getMessage();
    }
    if (problem != null) {
      throw new InvalidFileException(file.getPath(), "", problem + ": expected a file of tokens");
    }
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
            job.file(), field + ".path", "expected a file that can be written, found " + path);
      }
    }
  }

  private void topic(String field, SinkSpec sink) {
    if (sink instanceof SinkSpec.Kafka kafka) {
      topic(field, kafka.topic(), kafka.properties(), false);
    }
  }

  private void topic(String field, String topic, Map<String, String> properties, boolean needed) {
    Optional<TopicCheck.Problem> problem = TopicCheck.check(topic, properties);
    if (problem.isPresent()) {
      TopicCheck.Problem found = problem.get();
      if (found.onlyMissing() && !needed) {
        LOG.warn("{}.topic: {}; left to the broker to make", field, found.text());
      } else {
        String place = found.property().isEmpty() ? field : field + "." + found.property();
        throw new InvalidFileException(job.file(), place, found.text());
      }
    }
  }
}
