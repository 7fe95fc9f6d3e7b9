package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only predictions in a transaction that the log names are lost and said, on a real broker. */
class SaidLossesITCase {
  @TempDir private Path directory;
  private final Ledger ledger = new Ledger();

  @Test
  void aLossCountsAsSaidByTheTransactionOfItsRecord() throws Exception {
    Path logs = Files.createDirectory(directory.resolve("logs"));
    Path log = logs.resolve("taskmanager-0.log");
    for (int seq = 1; seq <= 5; seq++) {
      ledger.expect("k", prediction(seq));
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(1, Topics.PREDICTIONS);
      String named = aborted(kafka, "named", 1, 2);
      aborted(kafka, "not named", 3);
      for (int seq = 4; seq <= 5; seq++) { // those arrived
        ledger.see("k", prediction(seq));
      }
      SaidLosses losses = new SaidLosses(logs, directory.resolve("k/log"));
      Files.writeString(log, "INFO Transaction " + named + " of the restored checkpoint\n");

      assertThat(losses.excuse(ledger)).isZero();
      assertThat(ledger.counts()).isEqualTo(new Counts(3, 0, 0, 0, 0, 0));

      String line = "ERROR Records for topic predictions are lost, because transactions: a ";
      Files.writeString(log, line + named + ", b (producer 4711, epoch 0: aborted)\n");

      assertThat(losses.excuse(ledger)).as("said in vain").isEqualTo(1);
      assertThat(ledger.counts()).isEqualTo(new Counts(1, 2, 0, 0, 0, 0));
      assertThat(losses.excuse(ledger)).as("still").isEqualTo(1);
    }
  }

  private static byte[] prediction(long seq) {
    return ("{\"key\":\"k\",\"seq\":" + seq + "}").getBytes(UTF_8);
  }

  /** Writes predictions in a transaction that is aborted, and returns it as the log names it. */
  private static String aborted(EmbeddedKafka kafka, String id, long... seqs) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    Map<String, Object> properties =
        Map.of("bootstrap.servers", kafka.address(), "transactional.id", id);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, bytes, bytes);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      producer.initTransactions();
      producer.beginTransaction();
      for (long seq : seqs) {
        var unused =
            producer.send(
                new ProducerRecord<>(Topics.PREDICTIONS, "k".getBytes(UTF_8), prediction(seq)));
      }
      producer.flush();
      TransactionDescription open = admin.describeTransactions(List.of(id)).description(id).get();
      producer.abortTransaction();
      return "(producer %d, epoch %d: aborted)".formatted(open.producerId(), open.producerEpoch());
    }
  }
}
