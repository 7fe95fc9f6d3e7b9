package io.github.flinkrnn.job;

import io.github.flinkrnn.kafka.Topics;
import java.util.UUID;
import org.apache.flink.annotation.Internal;

/**
 * The transactional ids of a run's sinks. Two runs with the same ids on the same brokers abort each
 * other's transactions, and lose predictions.
 *
 * @param start the beginning of all ids; no other run's may begin with it
 * @param timeoutMillis the time-out of transactions, unless the job sets one
 */
@Internal
public record SinkTransactions(String start, long timeoutMillis) {
  private static final long LOCAL_TIMEOUT_MILLIS = 60_000;
  private static final int LOCAL_INTERVALS = 4;

  /** Those of a job on a cluster, which has them again when it resumes. */
  public static SinkTransactions of(JobFile job) {
    // Unique to this job, because a name has no slash.
    return new SinkTransactions("flink-rnn/" + job.name() + "/", Topics.TRANSACTION_TIMEOUT_MILLIS);
  }

  /**
   * Those of a run in this process, which no other run has. No later run can end those that it
   * leaves open, so they time out soon.
   *
   * @param intervalMillis the interval of checkpoints
   */
  static SinkTransactions ofLocalRun(JobFile job, long intervalMillis) {
    long timeout = Math.max(LOCAL_TIMEOUT_MILLIS, LOCAL_INTERVALS * intervalMillis);
    return new SinkTransactions(
        "flink-rnn-local/" + job.name() + "/" + UUID.randomUUID() + "/",
        Math.min(timeout, Topics.TRANSACTION_TIMEOUT_MILLIS));
  }

  /** The prefix of the ids of a sink. */
  String prefix(String sink) {
    return start + sink + "/";
  }
}
