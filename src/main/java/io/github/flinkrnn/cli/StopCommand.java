package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.Locations;
import io.github.flinkrnn.job.UsageException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Stops a job on a running cluster, with a savepoint from which {@code --from} resumes. */
final class StopCommand {
  private static final long PATIENCE_SECONDS = 600;
  private static final long POLL_MILLIS = 100;
  private static final Pattern CAUSE = Pattern.compile("(?m)^Caused by: (?:[\\w.$]*\\.)?(.*)$");

  private final RunningCluster cluster;
  private final String job;
  private final Console console;

  /**
   * @param job the name of the job
   */
  StopCommand(RunningCluster cluster, String job, Console console) {
    this.cluster = cluster;
    this.job = job;
    this.console = console;
  }

  /**
   * Stops the job, and waits until it has ended.
   *
   * @param directory for the savepoint; by default the cluster's
   * @return the path of the savepoint
   * @throws UsageException if there is not exactly one such job
   * @throws FailedJobException if the savepoint fails; the job continues
   */
  String stop(Optional<String> directory) throws InterruptedException, FailedJobException {
    cluster.expect();
    String id = id();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String savepoint = savepoint(id, trigger(id, directory), deadline);
    console.say("savepoint", savepoint);
    awaitEnd(id, deadline);
    return savepoint;
  }

  /**
   * Cancels the job, which need not run yet, and waits until it has ended.
   *
   * @throws UsageException if there is not exactly one such job
   * @throws FailedJobException if the cluster does not cancel it
   */
  void cancel() throws InterruptedException, FailedJobException {
    cluster.expect();
    String id = id();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String error = RunningCluster.errors(cluster.patch("/jobs/" + id + "?mode=cancel"));
    if (!error.isEmpty()) {
      throw new FailedJobException(cluster.named() + ": " + cause(console.hidden(error)));
    }
    awaitEnd(id, deadline);
  }

  private void awaitEnd(String id, long deadline) throws InterruptedException, FailedJobException {
    while (cluster.jobs(job).contains(id)) {
      pause(deadline, "the job is still running");
    }
    console.say("status", cluster.get("/jobs/" + id).path("state").asString(""));
  }

  private String id() throws InterruptedException, FailedJobException {
    List<String> ids = cluster.jobs(job);
    if (ids.isEmpty()) {
      throw new UsageException(cluster.named() + ": no job '" + job + "' is running");
    }
    if (ids.size() > 1) {
      throw new UsageException(
          cluster.named() + ": expected one job '" + job + "', found " + String.join(", ", ids));
    }
    return ids.get(0);
  }

  private String trigger(String id, Optional<String> directory)
      throws InterruptedException, FailedJobException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("drain", false); // the job will resume, so this is not the end of its input
    directory.map(Locations::absolute).ifPresent(path -> body.put("targetDirectory", path));
    JsonNode answer = cluster.post("/jobs/" + id + "/stop", body.toString());
    String trigger = answer.path("request-id").asString("");
    if (!trigger.isEmpty()) {
      return trigger;
    }
    String error = RunningCluster.errors(answer);
    if (directory.isEmpty() && error.contains("savepoint-dir")) {
      throw new UsageException(
          cluster.named()
              + ": missing: expected --savepoints DIR, because the cluster has no"
              + " execution.checkpointing.savepoint-dir");
    }
    throw new FailedJobException(cluster.named() + ": " + cause(console.hidden(error)));
  }

  private String savepoint(String id, String trigger, long deadline)
      throws InterruptedException, FailedJobException {
    while (true) {
      JsonNode answer = cluster.get("/jobs/" + id + "/savepoints/" + trigger);
      if (answer.path("status").path("id").asString("").equals("COMPLETED")) {
        String location = answer.path("operation").path("location").asString("");
        if (!location.isEmpty()) {
          return location;
        }
        String trace =
            answer.path("operation").path("failure-cause").path("stack-trace").asString("");
        throw new FailedJobException(
            cluster.named()
                + ": no savepoint, the job continues: "
                + cause(console.hidden(trace))
                + "; --without-savepoint cancels it");
      }
      pause(deadline, "no savepoint yet");
    }
  }

  /** The innermost cause in a stack trace, in one line. */
  static String cause(String trace) {
    String cause = trace.strip().replaceFirst("(?s)\\R.*", "");
    Matcher causes = CAUSE.matcher(trace);
    while (causes.find()) {
      cause = causes.group(1).strip();
    }
    return cause.length() <= 400 ? cause : cause.substring(0, 400) + "…";
  }

  private void pause(long deadline, String what) throws InterruptedException, FailedJobException {
    if (System.nanoTime() > deadline) {
      throw new FailedJobException(
          cluster.named() + ": " + what + " after " + PATIENCE_SECONDS + " s");
    }
    TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
  }
}
