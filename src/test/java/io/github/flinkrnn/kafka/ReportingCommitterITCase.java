package io.github.flinkrnn.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.flink.connector.kafka.sink.internal.KafkaCommitter;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the committer says and counts for transactions of a restored checkpoint, on a real broker. A
 * transaction that had been committed before the failure is no loss, although Flink's committer
 * cannot commit it again.
 */
class ReportingCommitterITCase {
  private static final String TIMEOUT_MILLIS = "1000";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path broker;
  private static EmbeddedKafka kafka;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    kafka = EmbeddedKafka.start(broker);
    kafka.createTopics(1, "predictions");
    admin = Admin.create(Map.of("bootstrap.servers", kafka.address()));
  }

  @AfterAll
  static void stopBroker() {
    admin.close();
    kafka.close();
  }

  private static FlinkKafkaInternalProducer<byte[], byte[]> producer(String id) {
    var properties = Topics.asProperties(Map.of("bootstrap.servers", kafka.address()));
    for (String part : List.of("key", "value")) {
      properties.put(
          part + ".serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    }
    properties.put("transaction.timeout.ms", TIMEOUT_MILLIS);
    return new FlinkKafkaInternalProducer<>(properties, id);
  }

  /** Begins a transaction, as the sink's writer does before a checkpoint. */
  private static KafkaCommittable begin(FlinkKafkaInternalProducer<byte[], byte[]> producer) {
    producer.setTransactionId(producer.getTransactionalId()); // as the sink uses it again
    producer.initTransactions();
    producer.beginTransaction();
    var unused = producer.send(new ProducerRecord<>("predictions", "x".getBytes(UTF_8)));
    producer.flush();
    return KafkaCommittable.of(producer);
  }

  private static TransactionDescription described(String id) throws Exception {
    return admin.describeTransactions(List.of(id)).description(id).get();
  }

  private static KafkaCommittable restored(KafkaCommittable transaction) {
    return new KafkaCommittable(
        transaction.getProducerId(),
        transaction.getEpoch(),
        transaction.getTransactionalId(),
        null);
  }

  private static List<Request> commit(OptionalLong restored, KafkaCommittable... transactions)
      throws Exception {
    return commit(false, restored, transactions);
  }

  private static List<Request> commit(
      boolean isFailover, OptionalLong restored, KafkaCommittable... transactions)
      throws Exception {
    var properties = Topics.asProperties(Map.of("bootstrap.servers", kafka.address()));
    for (String part : List.of("key", "value")) {
      properties.put(
          part + ".serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    }
    List<Request> requests = new ArrayList<>();
    for (KafkaCommittable transaction : transactions) {
      requests.add(new Request(transaction));
    }
    try (ReportingCommitter committer =
        new ReportingCommitter(
            new KafkaCommitter(properties, "prefix", 0, 0, true, FlinkKafkaInternalProducer::new),
            new TransactionFates(Map.of("bootstrap.servers", kafka.address()), isFailover),
            "predictions",
            restored)) {
      committer.commit(new ArrayList<>(requests));
    }
    return requests;
  }

  @Test
  void aTransactionThatWasCommittedBeforeIsNoLoss() throws Exception {
    try (CapturedLog log = CapturedLog.ofCommits();
        var producer = producer("committed");
        var reused = producer("reused");
        var open = producer("open")) {
      KafkaCommittable committed = restored(begin(producer));
      producer.commitTransaction();
      KafkaCommittable first = restored(begin(reused));
      reused.commitTransaction();
      // The next transaction with the id, which the failure interrupts.
      begin(reused);
      KafkaCommittable isOpen = restored(begin(open));

      List<Request> requests = commit(OptionalLong.of(7), committed, first, isOpen);

      assertThat(requests)
          .extracting(request -> request.outcome)
          .containsExactly("already committed", "already committed", "committed");
      assertThat(log.messages(Level.ERROR)).isEmpty();
      assertThat(described("open").state()).isEqualTo(TransactionState.COMPLETE_COMMIT);
      // The task failed, and aborted the next transaction with the id.
      reused.abortTransaction();
      assertThat(commit(OptionalLong.of(7), first).get(0).outcome).isEqualTo("already committed");
      assertThat(log.messages(Level.ERROR)).isEmpty();
    }
  }

  /** It aborts open transactions, and uses their ids. A resume of the older checkpoint is late. */
  @Test
  void whatAJobThatBeganAnewAbortedMayBeLost() throws Exception {
    try (CapturedLog log = CapturedLog.ofCommits();
        var unused = producer("anew-0");
        var used = producer("anew-1");
        var anew = producer("anew-0")) {
      KafkaCommittable first = restored(begin(unused));
      KafkaCommittable second = restored(begin(used));
      anew.initTransactions();
      anew.setTransactionId("anew-1");
      anew.initTransactions();
      begin(anew);

      List<Request> requests = commit(OptionalLong.of(7), first, second);

      assertThat(requests).extracting(request -> request.outcome).containsOnly("failed");
      String what =
          "%s (producer %d, epoch %d: its id was used again, so it was committed before, or a job"
              + " of this name that began anew has aborted it)";
      assertThat(log.messages(Level.ERROR))
          .containsExactly(
              "Records for topic predictions may be lost, because transactions of the restored"
                  + " checkpoint 7 could not be committed: "
                  + what.formatted("anew-0", first.getProducerId(), first.getEpoch())
                  + ", "
                  + what.formatted("anew-1", second.getProducerId(), second.getEpoch()));
      anew.commitTransaction();
      assertThat(commit(OptionalLong.of(7), second).get(0).outcome).isEqualTo("failed");
      // After a restart by Flink, only the job itself has used the ids.
      assertThat(commit(true, OptionalLong.of(7), second).get(0).outcome)
          .isEqualTo("already committed");
    }
  }

  @Test
  void oneLineSaysWhichTransactionsAreLost() throws Exception {
    try (CapturedLog log = CapturedLog.ofCommits();
        var first = producer("late-0");
        var second = producer("late-1")) {
      List<KafkaCommittable> late = List.of(restored(begin(first)), restored(begin(second)));
      List<String> said = new ArrayList<>();
      for (KafkaCommittable transaction : late) {
        String id = transaction.getTransactionalId();
        long begun = described(id).transactionStartTimeMs().getAsLong();
        awaitAborted(id);
        said.add(
            "%s (producer %d, epoch %d: aborted, begun at %s)"
                .formatted(
                    id,
                    transaction.getProducerId(),
                    transaction.getEpoch(),
                    java.time.Instant.ofEpochMilli(begun)));
      }
      KafkaCommittable unknown = new KafkaCommittable(4711, (short) 3, "unknown", null);

      List<Request> requests = commit(OptionalLong.of(7), late.get(0), unknown, late.get(1));

      assertThat(requests).extracting(request -> request.outcome).containsOnly("failed");
      assertThat(log.messages(Level.ERROR))
          .containsExactly(
              "Records for topic predictions are lost, because transactions of the restored"
                  + " checkpoint 7 could not be committed: "
                  + said.get(0)
                  + ", unknown (producer 4711, epoch 3: unknown to the brokers, so it was"
                  + " committed before or is lost), "
                  + said.get(1));
    }
  }

  /** As with a checkpoint that takes longer than the time-out. */
  @Test
  void aTransactionOfThisTaskThatWasAbortedIsLost() throws Exception {
    try (CapturedLog log = CapturedLog.ofCommits();
        var producer = producer("slow")) {
      KafkaCommittable slow = begin(producer);
      producer.precommitTransaction();
      awaitAborted("slow");

      List<Request> requests = commit(OptionalLong.empty(), slow);

      assertThat(requests).extracting(request -> request.outcome).containsExactly("failed");
      assertThat(log.messages(Level.ERROR))
          .containsExactly(
              "Records for topic predictions are lost, because transactions could not be"
                  + " committed: slow (producer %d, epoch %d: aborted)"
                      .formatted(slow.getProducerId(), slow.getEpoch()));
    }
  }

  private static void awaitAborted(String id) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (described(id).state() != TransactionState.COMPLETE_ABORT) {
      assertThat(System.nanoTime()).as("aborted %s", id).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** A request as Flink counts it. */
  private static final class Request implements Committer.CommitRequest<KafkaCommittable> {
    private final KafkaCommittable transaction;
    private String outcome = "committed";

    Request(KafkaCommittable transaction) {
      this.transaction = transaction;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return transaction;
    }

    @Override
    public int getNumberOfRetries() {
      return 0;
    }

    @Override
    public void signalFailedWithKnownReason(Throwable reason) {
      outcome = "failed";
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable reason) {
      throw new IllegalStateException(reason);
    }

    @Override
    public void retryLater() {
      outcome = "retried";
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable other) {
      outcome = "retried";
    }

    @Override
    public void signalAlreadyCommitted() {
      outcome = "already committed";
    }
  }
}
