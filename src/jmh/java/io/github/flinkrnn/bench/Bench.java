package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.network.NetworkSize;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of {@code jobs/bench.sh}. Exit status 0 means that the benchmark succeeded, 1 that
 * it failed, 2 that the command is invalid.
 */
public final class Bench {
  private static final Logger LOG = LoggerFactory.getLogger(Bench.class);
  private static final List<String> NAMES = List.of("steps", "operator", "kafka", "picture");

  private final Arguments arguments;
  private final PrintStream out;
  private final Progress progress;

  private Bench(Arguments arguments, PrintStream out, Progress progress) {
    this.arguments = arguments;
    this.out = out;
    this.progress = progress;
  }

  public static void main(String[] words) {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    // Other output must not be mixed with the results.
    System.setOut(System.err);
    System.exit(status(words, out, System.err));
  }

  static int status(String[] words, PrintStream out, PrintStream err) {
    try {
      Arguments arguments =
          Arguments.parse(words, Set.of("--json", "--svg", "--only"), Set.of("--quick", "--help"));
      new Bench(arguments, out, new Progress(err)).run();
      return 0;
    } catch (InvalidFileException | UsageException e) {
      err.println("flink-rnn: " + e.getMessage());
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("flink-rnn: interrupted");
      return 1;
    } catch (Exception e) {
      LOG.error("The benchmark failed", e);
      err.println("flink-rnn: " + rootCause(e));
      return 1;
    }
  }

  private static String rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause.toString().replaceFirst("(?s)\\R.*", "");
  }

  private static final String FIELDS = "fields";
  private static final String SQL = "sql";
  private static final String LOOK_AHEAD = "look-ahead";

  private void run() throws Exception {
    if (arguments.rest().isEmpty() || !NAMES.contains(arguments.rest().get(0))) {
      throw new UsageException("expected one of " + String.join(", ", NAMES));
    }
    String name = arguments.rest().get(0);
    List<String> files = arguments.rest().subList(1, arguments.rest().size());
    Optional<Path> json = file("--json");
    Optional<Path> svg = file("--svg");
    if (name.equals("picture")) {
      picture(files, svg);
      return;
    }
    if (!files.isEmpty()) {
      throw new UsageException(files.get(0) + ": expected only options after " + name);
    }
    boolean quick = arguments.has("--quick");
    if (arguments.one("--only").isPresent() && !List.of("operator", "kafka").contains(name)) {
      throw new UsageException("--only: expected only with operator or kafka");
    }
    Figures figures =
        switch (name) {
          case "steps" -> new StepsBench(quick, out, progress).run();
          case "operator" -> operator(quick);
          default -> new KafkaBench(kafkaNetwork(), quick, out, progress).run();
        };
    if (json.isPresent()) {
      Files.writeString(json.get(), figures.json());
    }
    if (svg.isPresent()) {
      Files.writeString(svg.get(), Picture.of(figures));
    }
  }

  private NetworkSize kafkaNetwork() {
    List<NetworkSize> all = KafkaBench.NETWORKS;
    String only = arguments.one("--only").orElse(all.get(0).option());
    return all.stream()
        .filter(size -> size.option().equals(only))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--only "
                        + only
                        + ": expected one of "
                        + all.stream().map(NetworkSize::option).collect(Collectors.joining(", "))));
  }

  private Figures operator(boolean quick) throws Exception {
    List<OperatorCase> all = quick ? OperatorCase.quick() : OperatorCase.all();
    String only = arguments.one("--only").orElse("");
    List<OperatorCase> chosen =
        only.isEmpty() ? all : all.stream().filter(c -> c.isChosenBy(only)).toList();
    boolean fields = only.isEmpty() || only.equals(FIELDS);
    boolean sql = only.isEmpty() || only.equals(SQL);
    boolean lookAhead = only.isEmpty() || only.equals(LOOK_AHEAD);
    if (chosen.isEmpty() && !fields && !sql && !lookAhead) {
      String expected =
          String.join("; ", FIELDS, SQL, LOOK_AHEAD)
              + "; "
              + String.join("; ", OperatorCase.options(all));
      throw new UsageException("--only " + only + ": expected one of " + expected);
    }
    return new OperatorBench(chosen, fields, sql, lookAhead, quick, out, progress).run();
  }

  private void picture(List<String> files, Optional<Path> svg) throws IOException {
    if (files.isEmpty() || svg.isEmpty()) {
      throw new UsageException("picture: expected files of figures, and --svg FILE");
    }
    Figures all = new Figures();
    for (String file : files) {
      if (!Files.isRegularFile(Path.of(file))) {
        throw new UsageException(file + ": no such file");
      }
      all.addAll(Figures.parse(file, Files.readString(Path.of(file))));
    }
    Files.writeString(svg.get(), Picture.of(all));
  }

  /** A file to write at the end. Whether it can be written is checked at the start. */
  private Optional<Path> file(String option) {
    Optional<Path> file = arguments.one(option).map(Path::of);
    if (file.isPresent()) {
      Path parent = file.get().toAbsolutePath().getParent();
      if (!Files.isDirectory(parent) || Files.isDirectory(file.get())) {
        throw new UsageException(option + " " + file.get() + ": expected a file in a directory");
      }
    }
    return file;
  }
}
