package io.github.flinkrnn.bench;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/**
 * One function after the generated stream: tokens per second between two marks, after a warm-up.
 */
final class OperatorRun {
  private static final long PASSES_TOKENS = 2_000_000_000;

  private final LocalFlink flink;
  private final OperatorCase where;
  private final int nX; // 0 for payments
  private final double warmUpSeconds;
  private final double seconds;

  OperatorRun(LocalFlink flink, OperatorCase where, int nX, boolean quick) {
    this.flink = flink;
    this.where = where;
    this.nX = nX;
    this.warmUpSeconds = quick ? 2 : 4;
    this.seconds = quick ? 2 : 5;
  }

  /**
   * @param perSecond tokens per second
   * @param checkpoint a checkpoint under full load, after the second mark; none unless asked for
   */
  record Outcome(double perSecond, LocalFlink.Checkpoint checkpoint) {}

  Outcome of(
      KeyedProcessFunction<String, Token, Prediction> function, String name, boolean checkpoint)
      throws Exception {
    StreamExecutionEnvironment env = flink.environment(new Configuration());
    long passes = PASSES_TOKENS / where.keys();
    DataStream<Token> tokens =
        nX == 0
            ? TokenStream.ofPayments(env, where.keys(), passes)
            : TokenStream.of(env, where.keys(), passes, nX);
    tokens
        .keyBy(Token::key, Types.STRING)
        .process(function)
        .returns(TypeInformation.of(Prediction.class))
        .uid("function")
        .sinkTo(new CountingSink<>(name))
        .uid("sink");
    AtomicLong count = CountingSink.count(name);
    JobID job = flink.start(env);
    CompletableFuture<JobResult> end = flink.result(job);
    await(end, count, 1, 0);
    // Until each key has state, and the JIT compiler has finished.
    await(end, count, where.keys(), System.nanoTime() + (long) (warmUpSeconds * 1e9));
    long first = count.get();
    long begin = System.nanoTime();
    await(end, count, 0, begin + (long) (seconds * 1e9));
    long second = count.get();
    double perSecond = (second - first) / ((System.nanoTime() - begin) / 1e9);
    LocalFlink.Checkpoint taken = checkpoint ? flink.checkpoint(job) : LocalFlink.Checkpoint.NONE;
    flink.cancel(job);
    return new Outcome(perSecond, taken);
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
