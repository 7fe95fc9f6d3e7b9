package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.job.SourceSpec.Start;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenTimes;
import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OptionException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/** Reads job files. Every error is one line with file and field. */
@Internal
public final class JobFileReader {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_RECORD_BYTES = 1 << 28;

  private static final Map<String, DeliveryGuarantee> DELIVERIES =
      Choices.of(
          List.of("exactly-once", "at-least-once"),
          List.of(DeliveryGuarantee.EXACTLY_ONCE, DeliveryGuarantee.AT_LEAST_ONCE));

  private static final Map<String, Boolean> TIMESTAMPS =
      Choices.of(List.of("record", "now"), List.of(false, true));
  private static final Map<String, TokenTimes.Unit> UNITS = Choices.of(TokenTimes.Unit.values());

  private final String file;
  private final Path directory;

  private JobFileReader(String file, Path directory) {
    this.file = file;
    this.directory = directory;
  }

  /**
   * @param path the job file: a local path or a URI
   * @param overrides elements of the form {@code a.b.c=value}
   * @param environment returns the value of an environment variable, or null. {@link
   *     EnvironmentValues} can hide these values in later messages
   * @throws InvalidFileException if the file is invalid
   */
  public static JobFile read(
      String path, List<String> overrides, UnaryOperator<String> environment) {
    return read(path, overrides, environment, Replaced.NOTHING);
  }

  /**
   * The same for a command that replaces parts of the job.
   *
   * @param replaced the parts that the caller replaces, which are not read from the file
   */
  public static JobFile read(
      String path, List<String> overrides, UnaryOperator<String> environment, Replaced replaced) {
    EnvironmentValues values = EnvironmentValues.of(environment);
    try {
      Path location = location(path);
      JobTree tree = JobTree.parse(path, bytes(path, location));
      tree.set(overrides);
      tree.fill(values, replaced);
      return new JobFileReader(path, location.getParent())
          .job(Fields.of(path, tree.root(), tree.shown()));
    } catch (InvalidFileException e) {
      throw e.shown(values::hide);
    } catch (IOException e) {
      throw new InvalidFileException(path, "", "cannot be read: " + e.getMessage());
    } catch (OptionException e) {
      throw new InvalidFileException(path, e.field(), e.problem());
    }
  }

  private static Path location(String path) {
    try {
      return new Path(Locations.absolute(path));
    } catch (IllegalArgumentException e) {
      throw new InvalidFileException(path, "", "expected a path or a URI");
    }
  }

  private static byte[] bytes(String path, Path location) throws IOException {
    FileSystem fileSystem = location.getFileSystem();
    try (InputStream in = fileSystem.open(location)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InvalidFileException(path, "", "expected at most " + MAX_BYTES + " bytes");
      }
      return bytes;
    } catch (FileNotFoundException e) {
      throw new InvalidFileException(path, "", "missing: expected a job file");
    }
  }

  private JobFile job(Fields top) {
    String name = top.requiredText("name");
    if (!name.matches("[^/]{1,200}") || Shown.hasControl(name)) {
      throw top.invalid(
          "name", "expected at most 200 characters, without slashes and control characters");
    }
    ModelLocation model = new ModelLocation(path(top, "model"));
    Fields from = required(top, "source");
    Fields output = top.object("output");
    SequenceReader.Section sequence = SequenceReader.read(top.object("sequence"));
    SourceSpec source = source(from, name);
    boolean isKafka = source instanceof SourceSpec.Kafka;
    TokenFieldsReader fields = new TokenFieldsReader(from, output, isKafka);
    TokenTimes times =
        new TokenTimes(
            from.choice("time_unit", UNITS).orElse(TokenTimes.Unit.MS),
            sequence.maxAhead().toMillis(),
            sequence.options().needsWatermarks());
    JobFile job =
        new JobFile(
            file,
            name,
            model,
            source,
            fields.read(times),
            sequence.saysMaxAhead(),
            fields.carriedNames(),
            from.positive("max_record_bytes", MAX_RECORD_BYTES)
                .orElse(TokenDecoder.DEFAULT_MAX_BYTES),
            sink(required(top, "sink"), false),
            top.has("dead_letters")
                ? Optional.of(sink(top.object("dead_letters"), true))
                : Optional.empty(),
            top.has("ends") ? Optional.of(sink(top.object("ends"), true)) : Optional.empty(),
            sequence.options(),
            OutputReader.read(output, top.has("ends")),
            batch(top.object("batch")),
            Quantities.size(top, "state_cache", RnnFunction.DEFAULT_STATE_CACHE),
            top.flattened("flink"));
    from.rejectUnknown();
    output.rejectUnknown();
    if (!job.fields().form().passedHeaders().isEmpty() && !(job.sink() instanceof SinkSpec.Kafka)) {
      throw output.invalid("headers", "expected only with sink.type: kafka");
    }
    top.rejectUnknown();
    return job;
  }

  private static BatchOptions batch(Fields fields) {
    BatchOptions batch =
        new BatchOptions(
            fields.positive("size", BatchOptions.MAX_SIZE).orElse(BatchOptions.DEFAULT.size()),
            Quantities.duration(fields, "wait", BatchOptions.DEFAULT.maxWait()));
    fields.rejectUnknown();
    return batch;
  }

  private static Fields required(Fields top, String name) {
    if (!top.has(name)) {
      throw top.missing(name);
    }
    return top.object(name);
  }

  private SourceSpec source(Fields fields, String job) {
    if (type(fields, "kafka", "file").equals("file")) {
      boolean stdin = fields.requiredText("path").equals("-");
      return new SourceSpec.File(stdin ? "-" : path(fields, "path"));
    }
    SourceTopics topics = SourceReader.topics(fields);
    Start start = SourceReader.start(fields);
    Map<String, String> properties = clientProperties(fields);
    properties.putIfAbsent("group.id", job);
    return new SourceSpec.Kafka(topics, start, properties, false);
  }

  /** Printed dead letters and ends go to standard error: standard output may hold predictions. */
  private SinkSpec sink(Fields fields, boolean rejected) {
    SinkSpec sink =
        switch (type(fields, "kafka", "file", "print")) {
          case "file" -> new SinkSpec.File(localPath(fields));
          case "print" -> new SinkSpec.Print(rejected);
          default ->
              new SinkSpec.Kafka(
                  SourceReader.topic(fields),
                  fields.choice("delivery", DELIVERIES).orElse(DeliveryGuarantee.EXACTLY_ONCE),
                  clientProperties(fields),
                  fields.choice("timestamp", TIMESTAMPS).orElse(false));
        };
    fields.rejectUnknown();
    return sink;
  }

  private static String type(Fields fields, String... types) {
    return fields
        .choice("type", Choices.of(List.of(types)))
        .orElseThrow(() -> fields.missing("type"));
  }

  private static Map<String, String> clientProperties(Fields fields) {
    Map<String, String> properties = fields.flattened("properties");
    if (!properties.containsKey("bootstrap.servers")) {
      Optional<String> near = Nearest.to("bootstrap.servers", properties.keySet());
      if (near.isPresent()) {
        throw fields.invalid(
            "properties.bootstrap.servers", "missing: expected brokers, found " + near.get());
      }
      throw fields.missing("properties.bootstrap.servers");
    }
    return properties;
  }

  private String localPath(Fields fields) {
    Path resolved = new Path(path(fields, "path"));
    if (!"file".equals(resolved.toUri().getScheme())) {
      String found = "found " + fields.requiredText("path");
      throw fields.invalid("path", "expected a path of a local file system, " + found);
    }
    return resolved.getPath();
  }

  private String path(Fields fields, String name) {
    String path = fields.requiredText(name);
    try {
      return resolve(path);
    } catch (IllegalArgumentException e) {
      throw fields.invalid(name, "expected a path or a URI, found " + fields.quoted(name, path));
    }
  }

  /** Resolves a relative path against the directory of the job file. Others are unchanged. */
  private String resolve(String path) {
    Path relative = new Path(path);
    boolean whole = relative.isAbsolute() || relative.toUri().getScheme() != null;
    return Locations.absolute((whole ? relative : new Path(directory, relative)).toString());
  }
}
