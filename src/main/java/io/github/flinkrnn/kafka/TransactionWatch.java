package io.github.flinkrnn.kafka;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTransactionsResult;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * Looks again and again at the transactions whose ids have one of some prefixes. Those of a running
 * job are begun and committed; those of a job that crashed stay as they are until they time out.
 */
@Internal
public final class TransactionWatch implements AutoCloseable {
  private static final int TIMEOUT_SECONDS = 15;

  /** A sink has a few ids for each subtask. A broker may have many ids of others. */
  private static final int MOST_IDS = 1000;

  /**
   * A transaction.
   *
   * @param coordinator the id of the broker that coordinates it
   * @param begun when it was begun, if it was
   */
  public record Transaction(String id, int coordinator, Optional<Instant> begun) {
    private static Transaction of(String id, TransactionDescription now) {
      return new Transaction(
          id,
          now.coordinatorId(),
          now.transactionStartTimeMs().isPresent()
              ? Optional.of(Instant.ofEpochMilli(now.transactionStartTimeMs().getAsLong()))
              : Optional.empty());
    }
  }

  /** Why the brokers cannot be asked: a message without a stack trace. */
  public static final class NotAnsweredException extends Exception {
    private static final long serialVersionUID = 1L;

    private NotAnsweredException(String message) {
      super(message);
    }
  }

  private final Admin admin;
  private final List<String> prefixes;
  private final Map<String, TransactionDescription> first;

  /**
   * Looks for the first time.
   *
   * @param clientProperties of a producer
   * @throws NotAnsweredException if the brokers do not answer, or do not support the question
   */
  public TransactionWatch(List<String> prefixes, Map<String, String> clientProperties)
      throws NotAnsweredException, InterruptedException {
    this.prefixes = prefixes;
    try {
      admin = Admin.create(Topics.adminProperties(clientProperties, TIMEOUT_SECONDS * 1000));
    } catch (KafkaException e) {
      throw new NotAnsweredException(e.getMessage());
    }
    try {
      first = look();
    } catch (NotAnsweredException | InterruptedException | RuntimeException e) {
      admin.close();
      throw e;
    }
  }

  /** Whether there is anything to watch: an id with the prefix that was ever used. */
  public boolean isEmpty() {
    return first.isEmpty();
  }

  /** A transaction that was begun or committed since the first look, so that a job is running. */
  public Optional<Transaction> moved() throws NotAnsweredException, InterruptedException {
    for (Map.Entry<String, TransactionDescription> now : look().entrySet()) {
      if (isMoved(first.get(now.getKey()), now.getValue())) {
        return Optional.of(Transaction.of(now.getKey(), now.getValue()));
      }
    }
    return Optional.empty();
  }

  private static boolean isMoved(TransactionDescription before, TransactionDescription now) {
    return switch (now.state()) {
      // By its time-out, which no job needs to be running for.
      case PREPARE_ABORT, COMPLETE_ABORT, PREPARE_EPOCH_FENCE -> false;
      default ->
          before == null
              || before.state() != now.state()
              || before.producerId() != now.producerId()
              || before.producerEpoch() != now.producerEpoch()
              || !before.transactionStartTimeMs().equals(now.transactionStartTimeMs());
    };
  }

  /** The transactions that were open at the first look, in the order of their ids. */
  public List<Transaction> open() {
    List<Transaction> open = new ArrayList<>();
    first.forEach(
        (id, then) -> {
          if (then.state() == TransactionState.ONGOING) {
            open.add(Transaction.of(id, then));
          }
        });
    return open;
  }

  private Map<String, TransactionDescription> look()
      throws NotAnsweredException, InterruptedException {
    // Brokers before 4.1 do not filter by id.
    List<String> ids =
        listed().stream()
            .map(TransactionListing::transactionalId)
            .filter(id -> prefixes.stream().anyMatch(id::startsWith))
            .limit(MOST_IDS)
            .toList();
    Map<String, TransactionDescription> found = new TreeMap<>();
    if (!ids.isEmpty()) {
      DescribeTransactionsResult described = admin.describeTransactions(ids);
      for (String id : ids) {
        try {
          found.put(id, described.description(id).get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TransactionalIdNotFoundException)) { // it just expired
            throw new NotAnsweredException(e.getCause().getMessage());
          }
        } catch (TimeoutException e) {
          throw noAnswer();
        }
      }
    }
    return found;
  }

  private Collection<TransactionListing> listed()
      throws NotAnsweredException, InterruptedException {
    try {
      return admin.listTransactions().all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new NotAnsweredException(e.getCause().getMessage());
    } catch (TimeoutException e) {
      throw noAnswer();
    }
  }

  private static NotAnsweredException noAnswer() {
    return new NotAnsweredException("no answer within " + TIMEOUT_SECONDS + " s");
  }

  @Override
  public void close() {
    admin.close();
  }
}
