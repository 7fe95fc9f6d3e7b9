package io.github.flinkrnn.rig.soak;

import io.github.flinkrnn.bench.Circumstances;
import io.github.flinkrnn.rig.cluster.SuiteCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/**
 * The main class of {@code jobs/soak.sh}. Exit status 0 means that every criterion holds; 1 that
 * one does not, or that the run failed; 2 that the command is invalid.
 */
public final class Soak {
  private static final String USAGE =
      """
      jobs/soak.sh [options]        send many tokens over many keys on real processes, and check that nothing grows, slows down or gets lost

        --tokens N                  number of tokens, at least four per key; default ten per key
        --keys K                    number of sequences; default 1000000
        --seed S                    seed of the weights, the words and the keys; default 1
        --rate R                    maximum tokens per second; default unlimited
        --zipf                      keys by Zipf's law: the k-th most frequent key has 1/k as many tokens as the first; default each key once a pass
        --set FIELD=VALUE           an option of the job, such as state_cache=0; repeatable
        --json FILE                 also write the figures as JSON""";

  private Soak() {}

  public static void main(String[] words) {
    SuiteCommand.exit(words, Soak::status);
  }

  static int status(String[] words, PrintStream out, PrintStream err) {
    return SuiteCommand.status(
        words,
        SoakOptions.VALUED,
        SoakOptions.FLAGS,
        USAGE,
        out,
        err,
        arguments -> run(SoakOptions.of(arguments), out, err));
  }

  private static int run(SoakOptions options, PrintStream out, PrintStream err)
      throws IOException, InterruptedException {
    SoakJob.check(options);
    // Not the system's temporary directory, which may be in memory.
    Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
    Path directory = Files.createTempDirectory(target, "soak-");
    out.println(Circumstances.of(options.command()));
    boolean well = false;
    try {
      SoakReport report = new SoakRun(options, directory, out).run();
      out.println();
      report.verdicts().forEach(verdict -> out.print(verdict.line()));
      if (options.json().isPresent()) {
        Files.writeString(options.json().get(), report.json());
      }
      well = report.holds();
      return well ? 0 : 1;
    } finally {
      if (well) {
        FileUtils.deleteDirectoryQuietly(directory.toFile());
      } else {
        err.println("flink-rnn: logs, topics and checkpoints stay in " + directory);
      }
    }
  }
}
