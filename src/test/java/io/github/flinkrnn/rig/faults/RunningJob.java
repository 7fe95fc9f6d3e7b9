package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.ChildJvm;
import io.github.flinkrnn.rig.cluster.FlinkCluster;
import io.github.flinkrnn.rig.cluster.Jdks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** The job on the cluster, controlled by the commands of its operator. */
public final class RunningJob {
  private static final int TRIES = 3;
  private static final Duration COMMAND = Duration.ofMinutes(3);

  private final FlinkCluster flink;
  private final Path file;
  private final String name;
  private final List<String> settings;
  private final Path directory;
  private int parallelism;
  private volatile Process command;

  /**
   * @param file the job file
   * @param settings options of the job, each as {@code FIELD=VALUE}
   * @param directory for the output of the commands
   */
  public RunningJob(
      FlinkCluster flink,
      Path file,
      List<String> settings,
      String name,
      Path directory,
      int parallelism) {
    this.flink = flink;
    this.file = file;
    this.settings = settings;
    this.name = name;
    this.directory = directory;
    this.parallelism = parallelism;
  }

  int parallelism() {
    return parallelism;
  }

  void setParallelism(int other) {
    parallelism = other;
  }

  /** Runs {@code jobs/run.sh JOB --submit URL}, with {@code --from} if there is a savepoint. */
  public void submit(Optional<String> savepoint) throws IOException, InterruptedException {
    submit(savepoint, List.of());
  }

  /** The same with more options. */
  void submit(Optional<String> savepoint, List<String> more)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("bash", "jobs/run.sh"));
    words.addAll(submission());
    words.addAll(more);
    savepoint.ifPresent(path -> words.addAll(List.of("--from", path)));
    run(words);
  }

  /**
   * Runs {@code jobs/run.sh JOB} with options that it rejects.
   *
   * @return what it says
   * @throws IOException if it does not end with status 2
   */
  String failure(List<String> options) throws IOException, InterruptedException {
    start(options);
    if (!command.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
      kill();
    }
    String said = Files.readString(directory.resolve("command.err")).strip();
    if (command.waitFor() != 2) {
      throw new IOException(options + " ended with status " + command.exitValue() + ": " + said);
    }
    return said;
  }

  /** Starts {@code jobs/run.sh JOB} with options. */
  Process start(List<String> options) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("bash", "jobs/run.sh", file.toString()));
    words.addAll(options);
    return start(words, directory.resolve("command.out"), directory.resolve("command.err"));
  }

  /** The same with the jar of another version, which may not support {@code --from}. */
  void submitBy(Path jar, String savepoint) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(Jdks.current().resolve("bin/java").toString());
    words.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    words.add("-Dlog4j2.configurationFile=flink-rnn-log4j2.properties");
    words.add("-Dflink-rnn.log=" + directory.resolve("command.log"));
    words.add("-Dflink-rnn.jar=" + jar);
    words.addAll(List.of("-cp", jar + File.pathSeparator + jar.resolveSibling("local/*")));
    words.add("io.github.flinkrnn.cli.Main");
    words.addAll(submission());
    words.add("--set=flink.execution.state-recovery.path=" + savepoint);
    run(words);
  }

  private List<String> submission() {
    List<String> words = new ArrayList<>();
    words.add(file.toString());
    words.add("--submit=" + flink.address());
    words.add("--set=flink.parallelism.default=" + parallelism);
    settings.forEach(setting -> words.add("--set=" + setting));
    return words;
  }

  /**
   * Runs {@code jobs/run.sh JOB --stop URL}. Tries again if the job was just restarting, as an
   * operator would.
   *
   * @return the savepoint
   */
  public String stop() throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        return run(List.of("bash", "jobs/run.sh", file.toString(), "--stop=" + flink.address()))
            .strip();
      } catch (IOException e) {
        if (i == TRIES) {
          throw e;
        }
        Scene.await("running job", COMMAND, this::runs);
      }
    }
  }

  private String run(List<String> words) throws IOException, InterruptedException {
    Path out = directory.resolve("command.out");
    Path err = directory.resolve("command.err");
    start(words, out, err);
    if (!command.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
      kill();
      throw new IOException(words + " still ran after " + COMMAND);
    }
    if (command.exitValue() != 0) {
      throw new IOException(words + ": " + Files.readString(err).strip());
    }
    return Files.readString(out);
  }

  private Process start(List<String> words, Path out, Path err)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().put("FLINK_RNN_LOG", directory.resolve("command.log").toString());
    builder.environment().put("FLINK_RNN_JAVA_OPTS", "-Xmx256m " + ChildJvm.launcherFlags());
    command = builder.start();
    return command;
  }

  /** Kills a command that is running. */
  public void kill() {
    Process running = command;
    if (running != null) {
      running.destroyForcibly();
    }
  }

  /** The id of the job that has not ended. */
  public String id() throws IOException, InterruptedException {
    Optional<JsonNode> overview = flink.get("/jobs/overview");
    if (overview.isPresent()) {
      for (JsonNode job : overview.get().path("jobs")) {
        boolean ended = !job.path("end-time").asString("").equals("-1");
        if (name.equals(job.path("name").asString("")) && !ended) {
          return job.path("jid").asString();
        }
      }
    }
    throw new IOException("no job '" + name + "' at " + flink.address());
  }

  /** Whether all tasks of the job are running. */
  public boolean runs() throws IOException, InterruptedException {
    JsonNode vertices = flink.get("/jobs/" + id()).orElseThrow().path("vertices");
    for (JsonNode vertex : vertices) {
      if (!vertex.path("status").asString("").equals("RUNNING")) {
        return false;
      }
    }
    return !vertices.isEmpty();
  }

  /** The number of failed checkpoints that the JobManager knows of. */
  long failedCheckpoints() throws IOException, InterruptedException {
    return flink
        .get("/jobs/" + id() + "/checkpoints")
        .map(checkpoints -> checkpoints.path("counts").path("failed").asLong(0))
        .orElse(0L);
  }

  /** The number of failures of the job that the JobManager knows of. */
  long failures() throws IOException, InterruptedException {
    return exceptions().size();
  }

  /** Whether the job has failed since this time with a stack trace that contains {@code text}. */
  boolean failedOf(String text, long sinceMillis) throws IOException, InterruptedException {
    for (JsonNode failure : exceptions()) {
      if (failure.path("timestamp").asLong(0) >= sinceMillis
          && failure.path("stacktrace").asString("").contains(text)) {
        return true;
      }
    }
    return false;
  }

  private JsonNode exceptions() throws IOException, InterruptedException {
    return flink
        .get("/jobs/" + id() + "/exceptions?maxExceptions=1000")
        .map(answer -> answer.path("exceptionHistory").path("entries"))
        .orElseThrow(() -> new IOException("the JobManager does not answer"));
  }
}
