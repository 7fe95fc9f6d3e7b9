package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Shown;
import io.github.flinkrnn.config.UrlPasswords;
import io.github.flinkrnn.job.Arguments;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.JobWarnings;
import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.Replaced;
import io.github.flinkrnn.job.RnnJob;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.operator.ModelLocation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of {@code jobs/run.sh}. Exit status 0 means that the job ended well, 1 that it
 * failed, 2 that it could not start because of a mistake in the command or in a file.
 */
@Internal
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final Set<String> VALUED =
      Set.of(
          "--input",
          "--output",
          "--rejected",
          "--submit",
          "--from",
          "--stop",
          "--savepoints",
          "--parallelism",
          "--reason",
          "--since",
          "--model",
          "--set",
          "--expected",
          "--tolerance",
          "--svg");
  private static final Set<String> FLAGS =
      Set.of(
          "--embedded",
          "--brokers",
          "--feed",
          "--redrive",
          "--dry-run",
          "--without-savepoint",
          "--ui",
          "--take-over",
          "--skip-checks",
          "--help");

  private static final String USAGE =
      """
      jobs/run.sh describe MODEL [--svg FILE]
                                       show what is read from a model directory, also as a picture
      jobs/run.sh verify MODEL --input tokens.jsonl --expected expected.jsonl [--tolerance 2e-5]
                                       check that the model computes what its framework computed
      jobs/run.sh sql FILE.sql         run the statements of a file, with the function RNN, on a Flink in this
                                       process; rows of a query are printed as JSON
      jobs/run.sh JOB [options]        run a job: a name in jobs/, a directory with a job.yaml, or a job file

        (no option)                    if there is a sample (tokens.jsonl in the directory of the job file)
                                       and no broker but localhost:9092: run on a Kafka broker and a Flink in
                                       this process until the sample ends; otherwise as --brokers
        --brokers                      run on a Flink in this process, with the brokers of the job file
        --embedded                     run on a Kafka broker in this process, whatever the job file says
        --input FILE --output FILE     run from file to file, without Kafka; - is standard input or output
        --rejected FILE                with --input: write rejected records here, not to standard error
        --feed                         send the sample to the topic of a job that runs elsewhere, and print
                                       what that job answers
        --redrive                      send the records of the dead letters to the source topic again
        --reason REASON                with --redrive: only dead letters with this reason
        --since TIME                   with --redrive: only dead letters since this time (ISO 8601)
        --dry-run                      with --redrive: only count
        --submit URL                   submit to a running Flink cluster: http://localhost:8081
        --parallelism N                with --submit: instead of the cluster's parallelism.default
        --from PATH                    with --submit: resume from a savepoint or a checkpoint directory
        --stop URL                     stop the job on that cluster with a savepoint, and print its path
        --savepoints DIR               with --stop: where the savepoint goes, if the cluster has no default
        --without-savepoint            with --stop: cancel the job, also one that does not run yet
        --model DIR                    use another model
        --set FIELD=VALUE              set a field of the job file: sink.topic=tags
        --ui                           serve Flink's Web UI, read-only, on a port of 127.0.0.1
        --take-over                    with --submit or --brokers: do not look whether a job of this name is running
        --skip-checks                  with --submit: check nothing from here: model, brokers, topics, running jobs
        --help                         show this help
      """;

  private final Arguments arguments;
  private final EnvironmentValues environment;
  private final Console console;

  private Main(Arguments arguments, EnvironmentValues environment, Console console) {
    this.arguments = arguments;
    this.environment = environment;
    this.console = console;
  }

  public static void main(String[] words) {
    boolean interactive = Boolean.getBoolean("flink-rnn.interactive");
    EnvironmentValues environment = new EnvironmentValues(System::getenv);
    LogText.hide(hiding(environment));
    Console console = new Console(System.err, interactive, hiding(environment));
    // Output to System.out must not mix with the records.
    System.setOut(System.err);
    int status = status(words, environment, console);
    StandardErrorFilter.end();
    System.exit(status);
  }

  /** Removes values of the environment, and passwords in URLs, from a text. */
  static UnaryOperator<String> hiding(EnvironmentValues environment) {
    return text -> UrlPasswords.hide(environment.hide(text));
  }

  /** Runs a command, and returns its exit status. */
  static int status(String[] words, EnvironmentValues environment, Console console) {
    try {
      Arguments arguments = Arguments.parse(words, VALUED, FLAGS);
      if (arguments.has("--help") || arguments.rest().contains("-h")) {
        console.err().print(USAGE);
        return 0;
      }
      new Main(arguments, environment, console).run();
      return 0;
    } catch (InvalidFileException e) {
      console.sayError(e);
      return 2;
    } catch (UsageException e) {
      console.sayError(e.getMessage());
      return 2;
    } catch (FailedJobException e) {
      console.sayError(e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      console.sayError("interrupted");
      return 1;
    } catch (Exception e) {
      LOG.error("The job failed", e);
      String log = System.getProperty("flink-rnn.log");
      console.sayError(console.rootCause(e) + (log == null ? "" : "; see " + log));
      return 1;
    }
  }

  private void run() throws Exception {
    List<String> words = arguments.rest();
    String command = words.size() == 2 ? words.get(0) : "";
    if (command.equals("describe") || command.equals("verify")) {
      try (RnnModel model = model(words.get(1))) {
        if (command.equals("verify")) {
          if (arguments.has("--svg")) {
            throw new UsageException("--svg: expected only with describe MODEL");
          }
          verify(model);
        } else {
          describe(model);
        }
      }
    } else if (command.equals("sql")) {
      for (String option : Stream.concat(VALUED.stream(), FLAGS.stream()).sorted().toList()) {
        if (arguments.has(option)) {
          throw new UsageException(option + ": not expected with sql FILE");
        }
      }
      new SqlCommand(words.get(1), stdout()).run();
    } else {
      runJob();
    }
  }

  private void describe(RnnModel model) throws IOException {
    new DescribeCommand(model, stdout()).run();
    Optional<String> svg = arguments.one("--svg");
    if (svg.isPresent()) {
      try {
        Files.writeString(Path.of(svg.get()), ChainPicture.of(model));
      } catch (FileSystemException e) {
        throw new UsageException("--svg " + svg.get() + ": expected a file that can be written");
      }
    }
  }

  /** The real standard output; System.out is standard error. */
  private static PrintStream stdout() {
    return new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
  }

  private static RnnModel model(String directory) throws IOException {
    return RnnModel.load(new ModelLocation(Locations.absolute(directory)).files());
  }

  private void verify(RnnModel model) throws Exception {
    Path input = Path.of(required("--input"));
    Path expected = Path.of(required("--expected"));
    double tolerance = VerifyCommand.tolerance(arguments.one("--tolerance").orElse("2e-5"));
    try (RnnStepper stepper = model.stepper()) {
      new VerifyCommand(model, stepper, input, expected, tolerance)
          .run(new Console(stdout(), false));
    }
  }

  private String required(String option) {
    return arguments
        .one(option)
        .orElseThrow(() -> new UsageException("verify: missing: expected " + option + " FILE"));
  }

  private void runJob() throws Exception {
    if (arguments.has("--svg")) {
      throw new UsageException("--svg: expected only with describe MODEL");
    }
    for (String option : List.of("--expected", "--tolerance")) {
      if (arguments.has(option)) {
        throw new UsageException(option + ": expected only with verify MODEL");
      }
    }
    List<String> words = arguments.rest();
    if (words.size() != 1) {
      String found = words.size() < 2 ? "" : ", found " + String.join(" and ", words);
      throw new UsageException(
          "expected one job, as in: jobs/run.sh name-tagging (or --help)" + found);
    }
    List<String> here =
        List.of("--input", "--output", "--rejected", "--embedded", "--brokers", "--ui");
    refuseTogether("--stop", "--submit", "--from", "--skip-checks");
    refuseTogether("--take-over", "--stop", "--input", "--embedded", "--feed", "--redrive");
    refuseTogether("--redrive", "--stop", "--submit", "--feed");
    refuseTogether("--redrive", here.toArray(String[]::new));
    refuseTogether("--stop", here.toArray(String[]::new));
    refuseTogether("--submit", here.toArray(String[]::new));
    refuseTogether("--input", "--embedded", "--brokers");
    refuseTogether("--embedded", "--brokers");
    refuseTogether("--feed", "--stop", "--submit", "--input", "--embedded", "--brokers", "--ui");
    if (!arguments.has("--input") && (arguments.has("--rejected") || arguments.has("--output"))) {
      throw new UsageException("--output and --rejected: expected only with --input");
    }
    needs("--from", "--submit");
    needs("--parallelism", "--submit");
    List.of("--reason", "--since", "--dry-run").forEach(option -> needs(option, "--redrive"));
    needs("--savepoints", "--stop");
    needs("--without-savepoint", "--stop");
    refuseTogether("--without-savepoint", "--savepoints");
    Path file = JobLookup.find(arguments.rest().get(0));
    JobFile job = JobFileReader.read(file.toString(), overrides(), environment, replaced());
    if (arguments.has("--stop")) {
      stop(job);
      return;
    }
    if (arguments.has("--redrive")) {
      RedriveCommand.of(job, arguments, console).run(stdout());
      return;
    }
    JobWarnings.of(job).forEach(console::warn);
    RnnJob.check(job);
    boolean ui = arguments.has("--ui");
    if (arguments.has("--submit")) {
      Path jar = Path.of(System.getProperty("flink-rnn.jar", ""));
      new Submission(job, cluster("--submit", job), console)
          .submit(jar, !arguments.has("--skip-checks"), arguments.has("--take-over"));
      return;
    }
    Path sample = file.resolveSibling("tokens.jsonl");
    if (arguments.has("--feed")) {
      new FeedCommand(job, sample, console).run(stdout());
      return;
    }
    TemporaryDirectory directory = new TemporaryDirectory();
    BrokerChoice brokers = new BrokerChoice(job, sample, arguments);
    if (arguments.has("--input")) {
      local(FileEnds.of(job, arguments), directory, ui);
    } else if (brokers.isEmbedded()) {
      new EmbeddedRun(job, sample, directory, ui, console).run();
    } else {
      brokers.warning(environment).ifPresent(console::warn);
      local(job, directory, ui);
    }
  }

  private Replaced replaced() {
    if (arguments.has("--input")) {
      return FileEnds.replaced(arguments);
    }
    if (arguments.has("--stop")) {
      return Replaced.RECORDS; // only the job's name and the options of a connection are needed
    }
    return arguments.has("--embedded") ? Replaced.BROKERS : Replaced.NOTHING;
  }

  private List<String> overrides() {
    List<String> overrides = new ArrayList<>(RnnJob.overrides(arguments));
    Submission.from(arguments).ifPresent(overrides::add);
    Submission.parallelism(arguments).ifPresent(overrides::add);
    return overrides;
  }

  private RunningCluster cluster(String option, JobFile job) {
    return RunningCluster.of(option, arguments.one(option).orElseThrow(), job, environment);
  }

  private void stop(JobFile job) throws Exception {
    Optional<String> directory = arguments.one("--savepoints");
    StopCommand command = new StopCommand(cluster("--stop", job), job.name(), console);
    if (arguments.has("--without-savepoint")) {
      command.cancel();
    } else {
      stdout().println(Shown.line(command.stop(directory)));
    }
  }

  private void local(JobFile job, TemporaryDirectory directory, boolean ui) throws Exception {
    try (LocalRun run = new LocalRun(job, directory, ui, console)) {
      run.run(arguments.has("--take-over"));
    }
  }

  private void needs(String option, String other) {
    if (arguments.has(option) && !arguments.has(other)) {
      throw new UsageException(option + ": expected only with " + other);
    }
  }

  private void refuseTogether(String option, String... others) {
    for (String other : others) {
      if (arguments.has(option) && arguments.has(other)) {
        throw new UsageException(option + " and " + other + ": expected only one of them");
      }
    }
  }
}
