package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Damaged or changed job files, with overrides. The outcome is a job, which is then built or
 * rejected with a one-line error, or such an error at once.
 */
final class JobFileTarget implements Target {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Path directory;
  private final List<FuzzModel> models;
  private final List<byte[]> wholes = new ArrayList<>();

  /**
   * @param directory for the changed files
   */
  JobFileTarget(Path directory) throws IOException {
    this.directory = directory;
    models = FuzzModel.write(Files.createDirectories(directory.resolve("models")));
    for (String example : List.of("jobs/name-tagging/job.yaml", "jobs/log-anomaly/job.yaml")) {
      wholes.add(Files.readAllBytes(Path.of(example)));
    }
  }

  @Override
  public String name() {
    return "job-files";
  }

  @Override
  public int runs() {
    return 10_000;
  }

  /**
   * With each KiB that it reads of a word, the YAML scanner copies what it has read of that word so
   * far. For the longest job file, a MiB without a blank, that is 2 GiB in each of two passes. Only
   * a little of it is live at a time.
   */
  @Override
  public long mostBytes() {
    return 5L << 30;
  }

  @Override
  public Trial next(Random random) {
    byte[] whole =
        random.nextInt(3) == 0
            ? Hostile.one(wholes, random)
            : new RandomJob(Hostile.one(models, random), random).yaml().getBytes(UTF_8);
    byte[] mutated =
        switch (random.nextInt(4)) {
          case 0 -> Mutator.damage(whole, random, PIECES);
          case 1 -> whole; // only the overrides are hostile
          default -> JsonMutator.bytes(JsonMutator.mutated(tree(whole), random)); // also YAML
        };
    List<String> overrides = new ArrayList<>();
    while (random.nextInt(mutated == whole ? 4 : 2) > 0) {
      overrides.add(override(random));
    }
    return trial(mutated, overrides);
  }

  private static final List<byte[]> PIECES =
      List.of(
              ": ", "\n", "\n  ", "- ", "{", "[", "&a ", "*a", "!!x ", "|\n", "${A:", "}", "#",
              "---\n")
          .stream()
          .map(piece -> piece.getBytes(UTF_8))
          .toList();

  static JsonNode tree(byte[] yaml) {
    return YAML.readTree(yaml);
  }

  private static String override(Random random) {
    String field =
        Hostile.one(
            List.of(
                "name",
                "model",
                "source.type",
                "source.path",
                "source.fields.key",
                "sink.type",
                "sink.topic",
                "sink.properties.a.b",
                "sequence.idle_timeout",
                "sequence.max_buffered",
                "output.fields",
                "output.carry",
                "output.emit.above",
                "flink.parallelism.default",
                "flink.execution.checkpointing.interval"),
            random);
    return switch (random.nextInt(5)) {
      case 0 -> Hostile.string(random) + "=" + Hostile.string(random);
      case 1 -> field + "=" + Hostile.json(random, 1);
      case 2 -> field + Hostile.one(List.of("", ".", "..", ".x", "[0]", "=", "=="), random);
      default -> field + "=" + Hostile.string(random);
    };
  }

  Trial trial(byte[] yaml, List<String> overrides) {
    return new One(directory.resolve("job.yaml"), yaml, overrides);
  }

  private record One(Path file, byte[] yaml, List<String> overrides) implements Trial {
    @Override
    public Map<String, byte[]> files() {
      Map<String, byte[]> files = new LinkedHashMap<>();
      files.put("job.yaml", yaml);
      files.put("overrides.txt", String.join("\n", overrides).getBytes(UTF_8));
      return files;
    }

    @Override
    public String run() throws IOException {
      Files.write(file, yaml);
      JobFile job;
      try {
        job = JobFileReader.read(file.toString(), overrides, One::variable);
      } catch (InvalidFileException e) {
        Checks.oneLine(e.getMessage(), Checks.MOST_MESSAGE);
        Checks.expect(e.getMessage().startsWith(file + ": "), "names no file: " + e.getMessage());
        return "refused";
      } catch (UsageException e) { // its message shows the complete argument of the user
        Checks.oneLine(e.getMessage().replaceAll("\\p{Cs}", "?"), Integer.MAX_VALUE);
        return "wrong option";
      }
      try {
        RnnJob.check(job);
        return "job";
      } catch (InvalidFileException e) {
        Checks.oneLine(e.getMessage(), Checks.MOST_MESSAGE);
        return "contradicts itself";
      }
    }

    private static String variable(String name) {
      return switch (name.length() % 3) {
        case 0 -> null;
        case 1 -> "value";
        default -> "\u001b[31m${A}\n";
      };
    }
  }
}
