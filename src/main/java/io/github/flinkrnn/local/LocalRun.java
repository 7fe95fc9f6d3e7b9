package io.github.flinkrnn.local;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.Preflight;
import io.github.flinkrnn.job.SinkSpec;
import io.github.flinkrnn.job.SourceSpec;
import java.io.IOException;
import java.util.Locale;
import org.apache.flink.core.execution.JobClient;

/** Runs a job on a Flink of this process, between the ends that its file names. */
final class LocalRun {
  private final JobFile job;
  private final LocalCluster cluster;
  private final Console console;
  private final boolean ui;

  LocalRun(JobFile job, TemporaryDirectory directory, boolean ui, Console console)
      throws IOException {
    this.job = job;
    this.cluster = new LocalCluster(directory.resolve("checkpoints"), ui);
    this.console = console;
    this.ui = ui;
  }

  /** Runs until the source ends; forever, for a topic. */
  void run() throws Exception {
    sayJob();
    long begin = System.nanoTime();
    start().getJobExecutionResult().get();
    sayDone(begin, "");
  }

  /** Looks at all that the job needs, and says what it is made of. */
  private void sayJob() {
    console.say("model", Preflight.check(job).describe());
    console.say("from", describe(job.source()));
    console.say("to", describe(job.sink()));
  }

  JobClient start() throws Exception {
    JobClient client = cluster.start(job);
    if (ui) {
      console.say("ui", cluster.address());
    }
    return client;
  }

  void sayDone(long begin, String counts) throws IOException {
    console.sayDone(begin, counts);
    if (ui && console.isInteractive()) {
      console.say("ui", "stays until you press Enter");
      while (System.in.read() != '\n' && System.in.available() >= 0) {
        // until the end of the line
      }
    }
  }

  private static String describe(SourceSpec source) {
    if (source instanceof SourceSpec.Kafka kafka) {
      return "topic " + kafka.topic() + " at " + kafka.properties().get("bootstrap.servers");
    }
    String path = ((SourceSpec.File) source).path();
    return path.equals("-") ? "standard input" : path;
  }

  private static String describe(SinkSpec sink) {
    if (sink instanceof SinkSpec.Kafka kafka) {
      return "topic "
          + kafka.topic()
          + " at "
          + kafka.properties().get("bootstrap.servers")
          + ", "
          + kafka.delivery().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
    return sink instanceof SinkSpec.File file ? file.path() : "standard output";
  }
}
