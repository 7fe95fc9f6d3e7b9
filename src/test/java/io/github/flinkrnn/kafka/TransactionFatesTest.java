package io.github.flinkrnn.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which descriptions of a transactional id mean that the transaction of epoch 10 was aborted. The
 * time-out is 900 s, and the age is that of the last transaction with the id.
 */
class TransactionFatesTest {
  @ParameterizedTest
  @CsvSource({
    // By its time-out, which takes one or two epochs.
    "COMPLETE_ABORT, 1, 11, 901, true",
    "COMPLETE_ABORT, 1, 12, 2000, true",
    "PREPARE_ABORT, 1, 11, 901, true",
    "PREPARE_EPOCH_FENCE, 1, 10, 901, true",
    // It was committed, and the id was used again: begun, only initialized, committed, timed out.
    "ONGOING, 1, 12, 1, false",
    "EMPTY, 1, 12, 1, false",
    "COMPLETE_COMMIT, 1, 13, 1, false",
    "COMPLETE_ABORT, 1, 13, 901, false",
    // With another producer, because the epochs were used up.
    "COMPLETE_ABORT, 2, 1, 901, false",
    // On a broker that does not count each transaction: the next one was aborted by its task.
    "COMPLETE_ABORT, 1, 11, 5, false",
  })
  void isAborted(TransactionState state, long producer, int epoch, long seconds, boolean aborted) {
    long now = 1_000_000_000_000L;
    TransactionDescription description =
        new TransactionDescription(
            1, state, producer, epoch, 900_000, OptionalLong.of(now - seconds * 1000), Set.of());

    assertThat(
            TransactionFates.isAborted(
                new KafkaCommittable(1, (short) 10, "id", null), description, now))
        .isEqualTo(aborted);
  }

  /** The epochs are those of a broker of 4.2, with each version of transactions. */
  @ParameterizedTest
  @CsvSource({
    // It was committed, and the id was used once more: initialized, begun, ended.
    "COMPLETE_COMMIT, 1, 11, true",
    "ONGOING, 1, 12, true",
    "COMPLETE_ABORT, 1, 13, true",
    // On a broker that does not count each transaction.
    "EMPTY, 1, 11, true",
    "ONGOING, 1, 11, true",
    // A job that began anew aborted it, and used the id: initialized, begun, ended.
    "EMPTY, 1, 12, false",
    "EMPTY, 1, 13, false",
    "ONGOING, 1, 13, false",
    "COMPLETE_COMMIT, 1, 14, false",
    "COMPLETE_ABORT, 1, 14, false",
    "ONGOING, 1, 200, false",
    "ONGOING, 2, 1, false",
  })
  void isCommitted(TransactionState state, long producer, int epoch, boolean committed) {
    TransactionDescription description =
        new TransactionDescription(
            1, state, producer, epoch, 900_000, OptionalLong.empty(), Set.of());

    assertThat(
            TransactionFates.isCommitted(
                new KafkaCommittable(1, (short) 10, "id", null), description))
        .isEqualTo(committed);
  }
}
