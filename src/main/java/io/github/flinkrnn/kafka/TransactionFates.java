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
 * and the sink may have used the id again for a later transaction.
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
    /** It was committed, or its id was used again, which the sink does only after a commit. */
    COMMITTED,
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

  /**
   * @param properties of the producer
   */
  TransactionFates(Map<String, String> properties) {
    this.properties = properties;
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

  private static Fate fate(KafkaCommittable transaction, DescribeTransactionsResult described)
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
      return isAborted(transaction, now, System.currentTimeMillis())
          ? new Fate(Outcome.ABORTED, begun)
          : new Fate(Outcome.COMMITTED, Optional.empty());
    } catch (ExecutionException e) {
      boolean isForgotten = e.getCause() instanceof TransactionalIdNotFoundException;
      return new Fate(isForgotten ? Outcome.FORGOTTEN : Outcome.NO_ANSWER, Optional.empty());
    } catch (TimeoutException e) {
      return new Fate(Outcome.NO_ANSWER, Optional.empty());
    }
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
