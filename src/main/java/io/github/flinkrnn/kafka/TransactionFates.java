package io.github.flinkrnn.kafka;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * What became of transactions of a restored checkpoint that could not be committed. Most of them
 * are not lost, but were committed before the failure: the broker then accepts no second commit,
 * and the sink may have used the id again for a later transaction. But a job of the same name that
 * began anew, not from a checkpoint, has aborted the open transactions and uses their ids too.
 *
 * <p>The epoch tells them apart, unless the time-out aborted the transaction first, and the new job
 * ended with its first transaction of this id: that is taken for a commit.
 */
final class TransactionFates {
  private static final int TIMEOUT_SECONDS = 15;

  /**
   * A transaction that is aborted takes at most this many epochs. If it was committed, and the next
   * one with its id was aborted, that takes more, on brokers that count each transaction.
   */
  private static final int MOST_EPOCHS = 2;

  /** What became of a transaction. */
  enum Outcome {
    /** The brokers aborted it. */
    ABORTED,
    /** It was committed, and the sink may have used its id once more. */
    COMMITTED,
    /** Its id was used more often, so nobody knows. */
    USED_AGAIN,
    /** The brokers no longer know its id. */
    FORGOTTEN,
    /** The brokers did not answer, or did not permit the question. */
    NO_ANSWER
  }

  /**
   * An outcome.
   *
   * @param begun when the transaction was begun, if that is known
   */
  record Fate(Outcome outcome, Optional<Instant> begun) {
    boolean isLoss() {
      return outcome != Outcome.COMMITTED;
    }
  }

  private final Map<String, String> properties;
  private final boolean isFailover;

  /**
   * @param properties of the producer
   * @param isFailover whether the job was restarted by Flink. Then only its own earlier attempts
   *     have used the ids again, which they do only after a commit
   */
  TransactionFates(Map<String, String> properties, boolean isFailover) {
    this.properties = properties;
    this.isFailover = isFailover;
  }

  /** What became of transactions, by their ids. Takes up to about 20 seconds. */
  Map<String, Fate> of(Collection<KafkaCommittable> transactions) throws InterruptedException {
    Map<String, Fate> fates = new HashMap<>();
    List<String> ids = transactions.stream().map(KafkaCommittable::getTransactionalId).toList();
    try (Admin admin = Admin.create(Topics.adminProperties(properties, TIMEOUT_SECONDS * 1000))) {
      DescribeTransactionsResult described = admin.describeTransactions(ids);
      for (KafkaCommittable transaction : transactions) {
        fates.put(transaction.getTransactionalId(), fate(transaction, described));
      }
    } catch (KafkaException e) { // no client with these properties
      ids.forEach(id -> fates.putIfAbsent(id, new Fate(Outcome.NO_ANSWER, Optional.empty())));
    }
    return fates;
  }

  private Fate fate(KafkaCommittable transaction, DescribeTransactionsResult described)
      throws InterruptedException {
    try {
      TransactionDescription now =
          described
              .description(transaction.getTransactionalId())
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      Optional<Instant> begun =
          now.transactionStartTimeMs().isPresent()
              ? Optional.of(Instant.ofEpochMilli(now.transactionStartTimeMs().getAsLong()))
              : Optional.empty();
      if (isAborted(transaction, now, System.currentTimeMillis())) {
        return new Fate(Outcome.ABORTED, begun);
      }
      boolean isCommitted = isFailover || isCommitted(transaction, now);
      return new Fate(isCommitted ? Outcome.COMMITTED : Outcome.USED_AGAIN, Optional.empty());
    } catch (ExecutionException e) {
      boolean isForgotten = e.getCause() instanceof TransactionalIdNotFoundException;
      return new Fate(isForgotten ? Outcome.FORGOTTEN : Outcome.NO_ANSWER, Optional.empty());
    } catch (TimeoutException e) {
      return new Fate(Outcome.NO_ANSWER, Optional.empty());
    }
  }

  /**
   * Whether the id is as a commit of this transaction leaves it, and the sink that then uses it
   * once more. Brokers that count each transaction take an epoch for the commit, one for the next
   * use, and one for its end. A job that begins anew takes two to abort, and one for the next use.
   */
  static boolean isCommitted(KafkaCommittable transaction, TransactionDescription now) {
    int most =
        switch (now.state()) {
          case ONGOING -> 2;
          case PREPARE_ABORT, COMPLETE_ABORT, PREPARE_EPOCH_FENCE -> 3;
          default -> 1;
        };
    return now.producerId() == transaction.getProducerId()
        && now.producerEpoch() - transaction.getEpoch() <= most;
  }

  /** Whether this transaction, and not a later one with its id, was aborted by its time-out. */
  static boolean isAborted(KafkaCommittable transaction, TransactionDescription now, long millis) {
    boolean aborted =
        switch (now.state()) {
          case PREPARE_ABORT, COMPLETE_ABORT, PREPARE_EPOCH_FENCE -> true;
          default -> false;
        };
    // Brokers that do not count each transaction also have few epochs after a task that failed has
    // aborted the next one, but that was begun a short time ago. Half, because clocks differ.
    long begun = now.transactionStartTimeMs().orElse(0);
    return aborted
        && now.producerId() == transaction.getProducerId()
        && now.producerEpoch() - transaction.getEpoch() <= MOST_EPOCHS
        && millis - begun >= now.transactionTimeoutMs() / 2;
  }
}
