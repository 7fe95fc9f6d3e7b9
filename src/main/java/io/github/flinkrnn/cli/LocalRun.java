package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import io.github.flinkrnn.operator.JobCounts;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Future;
import org.apache.flink.core.fs.Path;

/** Runs a job on a Flink in this process, with the source and sinks of its file. */
final class LocalRun implements AutoCloseable {
  private final JobFile job;
  private final LocalCluster cluster;
  private final Console console;
  private final boolean ui;

  LocalRun(JobFile job, TemporaryDirectory directory, boolean ui, Console console)
      throws IOException {
    this.job = job;
    this.cluster =
        new LocalCluster(
            job, directory.resolve("checkpoints"), ui ? LocalRest.WEB_UI : LocalRest.NONE);
    this.console = console;
    this.ui = ui;
  }

  /**
   * Runs until the source ends; for a topic, forever.
   *
   * @param takeOver whether another job with this name does not matter
   */
  void run(boolean takeOver) throws Exception {
    ModelLines.say(console, job, JobValidator.validate(job));
    if (!takeOver && !job.flink().containsKey(Submission.SAVEPOINT)) {
      // This run has transactional ids of its own, so it takes no transaction over.
      SameName.expectNone(job, console, false);
    }
    JobValidator.startLines(job).forEach(line -> console.say("start", line));
    console.say("from", describe(job.source()));
    console.say("to", describe(job.sink()));
    long begin = System.nanoTime();
    Future<JobCounts> end = start();
    if (job.source() instanceof SourceSpec.Kafka) {
      console.say("status", "running; Ctrl-C stops it");
    }
    sayDone(begin, end.get());
  }

  Future<JobCounts> start() throws Exception {
    Future<JobCounts> end = cluster.start();
    if (ui) {
      console.say("ui", cluster.address().toString());
    }
    return end;
  }

  /**
   * Reports the end of the run. With a Web UI and a terminal, waits until the user presses Enter.
   */
  void sayDone(long begin, JobCounts counts) throws IOException {
    console.sayDone(begin, counts + ", ");
    if (ui && console.isInteractive()) {
      console.say("ui", "available until you press Enter");
      int typed = System.in.read();
      while (typed >= 0 && typed != '\n') {
        typed = System.in.read();
      }
    }
  }

  @Override
  public void close() {
    cluster.close();
  }

  private static String describe(SourceSpec source) {
    if (source instanceof SourceSpec.Kafka kafka) {
      return kafka + " at " + kafka.properties().get("bootstrap.servers");
    }
    String path = ((SourceSpec.File) source).path();
    return path.equals("-") ? "standard input" : new Path(path).getPath();
  }

  private static String describe(SinkSpec sink) {
    if (sink instanceof SinkSpec.Kafka kafka) {
      String delivery = kafka.delivery().name().toLowerCase(Locale.ROOT).replace('_', '-');
      String servers = kafka.properties().get("bootstrap.servers");
      return "topic " + kafka.topic() + " at " + servers + ", " + delivery;
    }
    return sink instanceof SinkSpec.File file ? file.path() : "standard output";
  }
}
