package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Candidates that run all the time, each in a process of its own, and of which one at a time has
 * its turn, while the sinks of the others wait. A turn takes half a second, in which the speed of a
 * virtual machine changes less than between two jobs that run one after the other. In a process of
 * its own, a candidate is compiled as in a TaskManager, where no other one runs beside it.
 */
final class Turns implements AutoCloseable {
  private static final double WARM_UP_SECONDS = 12;

  /** For the records in Flink's buffers, and for the caches of the CPU. Not counted. */
  private static final double SETTLING_SECONDS = 0.1;

  private static final double SECONDS = 0.5;

  private final List<Process> processes = new ArrayList<>();
  private final List<BufferedReader> rates = new ArrayList<>();
  private final Random random;

  /**
   * @param seed of the order in which the candidates have their turns, another one in each round
   */
  Turns(long seed) {
    random = new Random(seed);
  }

  /**
   * Starts the process of a candidate, and lets it run alone until it is compiled.
   *
   * @param main a class whose {@code main} calls {@link #serve}
   */
  void start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    rates.add(process.inputReader(UTF_8));
    perSecond(processes.size() - 1, WARM_UP_SECONDS);
  }

  /** One turn of each candidate: results per second, in the order of {@link #start}. */
  double[] round() throws IOException {
    List<Integer> order =
        IntStream.range(0, processes.size())
            .boxed()
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(order, random);
    double[] round = new double[processes.size()];
    for (int i : order) {
      round[i] = perSecond(i, SECONDS);
    }
    return round;
  }

  private double perSecond(int i, double seconds) throws IOException {
    processes.get(i).outputWriter(UTF_8).append(seconds + "\n").flush();
    String line = rates.get(i).readLine();
    if (line == null) {
      throw new IOException("the process of candidate " + (i + 1) + " ended");
    }
    return Double.parseDouble(line);
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    processes.forEach(process -> process.onExit().join());
  }

  /**
   * Runs a job in turns: for each line of the input, seconds, the job runs for this time, and its
   * rate is printed.
   *
   * @param job given as the stream of its results
   */
  static void serve(
      LocalFlink flink, PrintStream out, Function<StreamExecutionEnvironment, DataStream<?>> job)
      throws Exception {
    StreamExecutionEnvironment env = flink.environment(new Configuration());
    CountingSink.open(false);
    job.apply(env).sinkTo(new CountingSink<>("turns")).uid("sink");
    AtomicLong count = CountingSink.count("turns");
    CompletableFuture<JobResult> end = flink.result(flink.start(env));
    BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = turns.readLine(); line != null; line = turns.readLine()) {
      CountingSink.open(true);
      let(end, SETTLING_SECONDS);
      long first = count.get();
      long begin = System.nanoTime();
      let(end, Double.parseDouble(line));
      double seconds = (System.nanoTime() - begin) / 1e9;
      long results = count.get() - first;
      CountingSink.open(false);
      out.println(results / seconds);
    }
  }

  /** Lets the job run for some time. Fails if it ends. */
  private static void let(CompletableFuture<JobResult> end, double seconds) throws Exception {
    try {
      end.get((long) (seconds * 1e9), TimeUnit.NANOSECONDS)
          .toJobExecutionResult(Turns.class.getClassLoader());
      throw new IllegalStateException("the stream ended before it was measured");
    } catch (TimeoutException e) {
      // The job runs, as it should.
    }
  }
}
