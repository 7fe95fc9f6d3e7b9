package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.Agreement;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * One candidate after the generated stream: tokens per second between two marks, after a warm-up.
 */
final class OperatorRun {
  private static final long PASSES_TOKENS = 2_000_000_000;

  /** The warm-up of the first run of a candidate in a process. */
  private static final double FIRST_SECONDS = 4;

  /** More keys than are in a batch, so that there are full batches, and one that is not full. */
  private static final int AGREEMENT_KEYS = 41;

  private static final long AGREEMENT_PASSES = 51;

  private final LocalFlink flink;
  private final OperatorCase where;
  private final int nX; // 0 for payments
  private final double warmUpSeconds;
  private final double seconds;

  OperatorRun(LocalFlink flink, OperatorCase where, int nX, boolean quick) {
    this.flink = flink;
    this.where = where;
    this.nX = nX;
    this.warmUpSeconds = quick ? 1 : 4;
    this.seconds = quick ? 1.5 : 5;
  }

  /**
   * @param perSecond tokens per second
   * @param checkpoint a checkpoint under full load, after the second mark; none unless asked for
   */
  record Outcome(double perSecond, LocalFlink.Checkpoint checkpoint) {}

  Outcome of(Candidate candidate, String name, boolean checkpoint) throws Exception {
    return of(env -> stream(env, candidate), name, checkpoint, warmUpSeconds);
  }

  /** The rate of any job, given as the stream of its results. */
  double of(Function<StreamExecutionEnvironment, DataStream<?>> job, String name) throws Exception {
    return of(job, name, false, warmUpSeconds).perSecond();
  }

  private DataStream<?> stream(StreamExecutionEnvironment env, Candidate candidate) {
    return candidate.on(tokens(env, where.keys(), passes(where.keys())));
  }

  /** How many tokens of each key there are: more than can be read. */
  static long passes(int keys) {
    return PASSES_TOKENS / keys;
  }

  /** A run that is not counted, long enough for the JIT compiler. */
  void warmUp(Candidate candidate, String name) throws Exception {
    of(env -> stream(env, candidate), name, false, FIRST_SECONDS);
  }

  private Outcome of(
      Function<StreamExecutionEnvironment, DataStream<?>> job,
      String name,
      boolean checkpoint,
      double warmUpSeconds)
      throws Exception {
    StreamExecutionEnvironment env = flink.environment(new Configuration());
    job.apply(env).sinkTo(new CountingSink<>(name)).uid("sink");
    AtomicLong count = CountingSink.count(name);
    JobID started = flink.start(env);
    CompletableFuture<JobResult> end = flink.result(started);
    await(end, count, 1, 0);
    // Until each key has state, and the JIT compiler has finished.
    await(end, count, where.keys(), System.nanoTime() + (long) (warmUpSeconds * 1e9));
    long first = count.get();
    long begin = System.nanoTime();
    await(end, count, 0, begin + (long) (seconds * 1e9));
    long second = count.get();
    double perSecond = (second - first) / ((System.nanoTime() - begin) / 1e9);
    LocalFlink.Checkpoint taken =
        checkpoint ? flink.checkpoint(started) : LocalFlink.Checkpoint.NONE;
    flink.cancel(started);
    return new Outcome(perSecond, taken);
  }

  /**
   * Checks that all candidates make the same predictions as the first one, in a small job that
   * ends.
   *
   * @return the largest difference
   * @throws IllegalStateException if it is above the tolerance
   */
  double agreement(List<Candidate> candidates, String name) throws Exception {
    Map<String, List<float[]>> first = predictions(candidates.get(0), name + "-0");
    double largest = 0;
    for (int i = 1; i < candidates.size(); i++) {
      Map<String, List<float[]>> other = predictions(candidates.get(i), name + "-" + i);
      String what = where.network().name() + ", " + candidates.get(i).name();
      largest = Math.max(largest, Agreement.check(what, first, other));
    }
    return largest;
  }

  private Map<String, List<float[]>> predictions(Candidate candidate, String name)
      throws Exception {
    StreamExecutionEnvironment env = flink.environment(new Configuration());
    env.setParallelism(1);
    candidate
        .on(tokens(env, AGREEMENT_KEYS, AGREEMENT_PASSES))
        .sinkTo(new PredictionsSink(name))
        .uid("sink");
    flink.result(flink.start(env)).get().toJobExecutionResult(OperatorRun.class.getClassLoader());
    return PredictionsSink.take(name);
  }

  private KeyedStream<Token, String> tokens(StreamExecutionEnvironment env, int keys, long passes) {
    return (nX == 0
            ? TokenStream.ofPayments(env, keys, where.isZipf(), passes)
            : TokenStream.of(env, keys, where.isZipf(), passes, nX))
        .keyBy(Token::key, Types.STRING);
  }

  /** Waits for this many tokens, and until this time. Fails if the job ends. */
  private static void await(
      CompletableFuture<JobResult> end, AtomicLong count, long tokens, long nanoTime)
      throws Exception {
    while (count.get() < tokens || (nanoTime != 0 && System.nanoTime() < nanoTime)) {
      try {
        end.get(1, TimeUnit.MILLISECONDS).toJobExecutionResult(OperatorRun.class.getClassLoader());
        throw new IllegalStateException("the stream ended before it was measured");
      } catch (TimeoutException e) {
        // The job runs, as it should.
      }
    }
  }
}
