package io.github.flinkrnn.kafka;

import io.github.flinkrnn.kafka.TransactionFates.Fate;
import io.github.flinkrnn.kafka.TransactionFates.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits with Flink's committer, and logs in one line which transactions are lost. Flink's
 * committer treats each transaction that it cannot commit alike, and continues. This one counts
 * those as committed that had been committed before the failure, so that Flink's counter {@code
 * failedCommittables} only counts losses.
 */
final class ReportingCommitter implements Committer<KafkaCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(ReportingCommitter.class);
  private static final Fate LOST = new Fate(Outcome.ABORTED, Optional.empty());

  private final Committer<KafkaCommittable> committer;
  private final TransactionFates fates;
  private final String topic;
  private final OptionalLong restored;

  /**
   * @param topic the topic of the sink
   * @param restored the checkpoint or savepoint from which the task was restored
   */
  ReportingCommitter(
      Committer<KafkaCommittable> committer,
      TransactionFates fates,
      String topic,
      OptionalLong restored) {
    this.committer = committer;
    this.fates = fates;
    this.topic = topic;
    this.restored = restored;
  }

  @Override
  public void commit(Collection<CommitRequest<KafkaCommittable>> requests)
      throws IOException, InterruptedException {
    List<Attempt> attempts = requests.stream().map(Attempt::new).toList();
    committer.commit(new ArrayList<>(attempts));
    List<Attempt> failed = attempts.stream().filter(attempt -> attempt.failure != null).toList();
    if (!failed.isEmpty()) {
      settle(failed);
    }
  }

  private void settle(List<Attempt> failed) throws InterruptedException {
    List<KafkaCommittable> ofRestored = new ArrayList<>();
    for (Attempt attempt : failed) {
      if (isOfRestored(attempt)) {
        ofRestored.add(attempt.getCommittable());
      }
    }
    Map<String, Fate> known = ofRestored.isEmpty() ? Map.of() : fates.of(ofRestored);
    List<String> losses = new ArrayList<>();
    boolean isCertain = false;
    for (Attempt attempt : failed) {
      KafkaCommittable transaction = attempt.getCommittable();
      // A transaction that this task wrote itself was never committed.
      Fate fate = isOfRestored(attempt) ? known.get(transaction.getTransactionalId()) : LOST;
      if (fate.isLoss()) {
        isCertain |= fate.outcome() == Outcome.ABORTED;
        losses.add(described(transaction, fate));
        attempt.request.signalFailedWithKnownReason(attempt.failure);
      } else {
        LOG.info(
            "Transaction {} of the restored checkpoint was committed before the failure",
            transaction.getTransactionalId());
        attempt.request.signalAlreadyCommitted();
      }
    }
    if (!losses.isEmpty()) {
      LOG.error(
          "Records for topic {} {} lost, because transactions{} could not be committed: {}",
          topic,
          isCertain ? "are" : "may be",
          ofRestored.isEmpty() ? "" : " of the restored checkpoint " + restored.getAsLong(),
          String.join(", ", losses));
    }
  }

  /** Whether the transaction is from a checkpoint. Those of this task have their producer. */
  private boolean isOfRestored(Attempt attempt) {
    return restored.isPresent() && attempt.getCommittable().getProducer().isEmpty();
  }

  /** With producer and epoch, which the records in the topic's files also have. */
  private static String described(KafkaCommittable transaction, Fate fate) {
    String what =
        switch (fate.outcome()) {
          case ABORTED -> "aborted" + fate.begun().map(time -> ", begun at " + time).orElse("");
          case FORGOTTEN -> "unknown to the brokers, so it was committed before or is lost";
          case USED_AGAIN ->
              "its id was used again, so it was committed before, or a job of this name that began"
                  + " anew has aborted it";
          default -> "the brokers do not say what became of it";
        };
    return "%s (producer %d, epoch %d: %s)"
        .formatted(
            transaction.getTransactionalId(),
            transaction.getProducerId(),
            transaction.getEpoch(),
            what);
  }

  @Override
  public void close() throws IOException {
    try {
      committer.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** A request whose failure is kept, to be judged when all transactions were tried. */
  private final class Attempt implements CommitRequest<KafkaCommittable> {
    private final CommitRequest<KafkaCommittable> request;
    private Throwable failure;

    Attempt(CommitRequest<KafkaCommittable> request) {
      this.request = request;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return request.getCommittable();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      failure = reason;
    }

    /** Fails the job, unless every restart would fail in the same way. */
    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      for (Throwable cause = reason; cause != null; cause = cause.getCause()) {
        if (cause instanceof InvalidPidMappingException && isOfRestored(this)) {
          failure = reason;
          return;
        }
      }
      request.signalFailedWithUnknownReason(reason);
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      request.updateAndRetryLater(committable);
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }

    /** For the log of Flink's committer. */
    @Override
    public String toString() {
      return request.toString();
    }
  }
}
