package io.github.flinkrnn.rig.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.UsageException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The command line of a suite on real processes: the common part of {@code jobs/faults.sh} and
 * {@code jobs/soak.sh}.
 */
public final class SuiteCommand {
  private static final Logger LOG = LoggerFactory.getLogger(SuiteCommand.class);

  private SuiteCommand() {}

  /** A command, from its arguments to its exit status. */
  @FunctionalInterface
  public interface Words {
    int status(String[] words, PrintStream out, PrintStream err);
  }

  /** Runs a suite with its options. */
  @FunctionalInterface
  public interface Run {
    /**
     * @return the exit status
     * @throws UsageException for an invalid command line
     */
    int of(Arguments arguments) throws IOException, InterruptedException;
  }

  /** Exits the JVM with the status of the command. Only the command writes to standard output. */
  public static void exit(String[] words, Words command) {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
    // Other output must not be mixed with the results.
    System.setOut(System.err);
    System.exit(command.status(words, out, System.err));
  }

  /**
   * Runs the command. An error is one line, with status 2 for an invalid command and 1 for a
   * failure.
   */
  public static int status(
      String[] words, Set<String> valued, String usage, PrintStream out, PrintStream err, Run run) {
    return status(words, valued, Set.of(), usage, out, err, run);
  }

  /**
   * The same with options without a value.
   *
   * @param flags those besides {@code --help}
   */
  public static int status(
      String[] words,
      Set<String> valued,
      Set<String> flags,
      String usage,
      PrintStream out,
      PrintStream err,
      Run run) {
    try {
      Set<String> all = new HashSet<>(flags);
      all.add("--help");
      Arguments arguments = Arguments.parse(words, valued, all);
      if (arguments.has("--help")) {
        out.println(usage);
        return 0;
      }
      if (!arguments.rest().isEmpty()) {
        throw new UsageException(arguments.rest().get(0) + ": expected only options");
      }
      return run.of(arguments);
    } catch (UsageException e) {
      err.println("flink-rnn: " + e.getMessage());
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("flink-rnn: interrupted");
      return 1;
    } catch (IOException | RuntimeException e) {
      LOG.error("The run failed", e);
      err.println("flink-rnn: " + e.getMessage());
      return 1;
    }
  }

  /** The options {@code --set} of a command, as they are typed in a shell. */
  public static String shown(List<String> settings) {
    return settings.stream()
        .map(set -> set.matches("[\\w.,:=/@%+-]+") ? set : "'" + set.replace("'", "'\\''") + "'")
        .map(set -> " --set " + set)
        .collect(Collectors.joining());
  }

  /** The file for the results. */
  public static Optional<Path> json(Arguments arguments) {
    Optional<Path> json = arguments.one("--json").map(Path::of);
    if (json.isPresent() && !Files.isDirectory(json.get().toAbsolutePath().getParent())) {
      throw new UsageException("--json " + json.get() + ": expected a file in a directory");
    }
    return json;
  }

  /**
   * @param otherwise the default
   */
  public static long number(
      Arguments arguments, String option, long otherwise, long least, long most) {
    String text = arguments.one(option).orElse(String.valueOf(otherwise));
    if (text.matches("\\d{1,18}")) {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new UsageException(
        option + " " + text + ": expected an integer from " + least + " to " + most);
  }
}
