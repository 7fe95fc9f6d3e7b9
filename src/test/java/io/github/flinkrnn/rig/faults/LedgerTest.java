package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ledger detects each kind of error. Otherwise the zeros in the table would prove nothing. */
class LedgerTest {
  private final Ledger ledger = new Ledger();

  @BeforeEach
  void expectThreeOfAAndOneOfB() {
    for (int seq = 1; seq <= 3; seq++) {
      ledger.expect("a", prediction("a", seq));
    }
    ledger.expect("b", prediction("b", 1));
  }

  private static byte[] prediction(String key, long seq) {
    return ("{\"key\":\"" + key + "\",\"prediction\":[0.5],\"seq\":" + seq + "}").getBytes(UTF_8);
  }

  private void see(String key, long... seqs) {
    for (long seq : seqs) {
      ledger.see(key, prediction(key, seq));
    }
  }

  @Test
  void allInOrderHasNoError() throws Exception {
    see("a", 1, 2);
    see("b", 1);
    see("a", 3);

    assertThat(ledger.counts()).isEqualTo(Counts.NONE);
    assertThat(ledger.await(ledger.mark(), Duration.ZERO)).isZero();
  }

  private static byte[] prediction(long seq, boolean isFinal) {
    return ("{\"key\":\"c\",\"final\":" + isFinal + ",\"seq\":" + seq + "}").getBytes(UTF_8);
  }

  /** A token may have a provisional prediction, and its final one comes after those of others. */
  @Test
  void aProvisionalPredictionHasAPlaceOfItsOwn() {
    byte[][] all = {
      prediction(1, false), prediction(2, false), prediction(1, true), prediction(2, true)
    };
    for (byte[] each : all) {
      ledger.expect("c", each);
    }
    ledger.see("c", all[0]);
    ledger.see("c", all[2]); // the provisional one of token 2 is lost
    ledger.see("c", all[2]);
    assertThat(ledger.counts()).isEqualTo(new Counts(1, 0, 0, 1, 0, 0));
    ledger.see("c", all[3]);
    ledger.see("c", all[1]); // after its final one
    ledger.see("c", all[1]);
    assertThat(ledger.counts()).isEqualTo(new Counts(0, 0, 0, 2, 1, 0));
    assertThat(ledger.mark()).containsEntry("c", 4L);
  }

  @Test
  void aMissingPredictionIsOutstandingAndNotLost() throws Exception {
    see("a", 1);

    assertThat(ledger.mark()).isEqualTo(Map.of("a", 3L, "b", 1L));
    assertThat(ledger.await(ledger.mark(), Duration.ZERO)).isEqualTo(3);
    assertThat(ledger.await(Map.of("a", 1L), Duration.ZERO)).isZero();
    assertThat(ledger.counts()).isEqualTo(Counts.NONE);
  }

  @Test
  void aTombstoneOrARecordWithoutAKeyIsDifferent() {
    byte[] a = "a".getBytes(UTF_8);
    ledger.see(new ConsumerRecord<>("predictions", 0, 0, a, prediction("a", 1)));
    ledger.see(new ConsumerRecord<>("predictions", 0, 1, a, null));
    ledger.see(new ConsumerRecord<>("predictions", 0, 2, null, prediction("a", 2)));
    ledger.see(new ConsumerRecord<>("predictions", 0, 3, null, null));
    see("a", 2, 3);
    see("b", 1);

    assertThat(ledger.counts()).isEqualTo(new Counts(0, 0, 0, 3));
  }

  @Test
  void aPredictionMissingBeforeALaterOneIsLost() throws Exception {
    see("a", 3);
    see("b", 1);

    assertThat(ledger.counts()).isEqualTo(new Counts(2, 0, 0, 0));
    assertThat(ledger.await(ledger.mark(), Duration.ZERO)).isZero();
  }

  @Test
  void aPredictionAfterALaterOneIsOutOfOrder() {
    see("a", 2, 1, 3);

    assertThat(ledger.counts()).isEqualTo(new Counts(0, 0, 1, 0));
  }

  @Test
  void aRepeatedPredictionIsDuplicated() {
    see("a", 1, 2, 1, 2, 3);

    assertThat(ledger.counts()).isEqualTo(new Counts(0, 2, 0, 0));
  }

  @Test
  void aChangedDigitIsDifferent() {
    String changed = new String(prediction("a", 1), UTF_8).replace("0.5", "0.50000006");
    ledger.see("a", changed.getBytes(UTF_8));
    see("a", 2);

    assertThat(ledger.counts()).isEqualTo(new Counts(0, 0, 0, 1));
  }

  @Test
  void aPredictionOfAnUnsentTokenIsDifferent() {
    see("a", 4);
    see("c", 1);
    ledger.see("a", "{\"key\":\"a\"}".getBytes(UTF_8));
    ledger.see("a", "{\"seq\":99999999999999999999}".getBytes(UTF_8));

    assertThat(ledger.counts()).isEqualTo(new Counts(0, 0, 0, 4));
  }

  @Test
  void aLostPredictionThatIsSaidToBeLostIsExcused() {
    see("a", 3);
    see("b", 1);

    assertThat(ledger.excuse("a", prediction("a", 1))).isTrue();
    assertThat(ledger.excuse("a", prediction("a", 1))).isFalse(); // once
    assertThat(ledger.excuse("a", prediction("a", 3))).isFalse(); // it arrived
    assertThat(ledger.excuse("c", prediction("c", 1))).isFalse(); // never expected
    byte[] changed = "{\"key\":\"a\",\"prediction\":[0.6],\"seq\":2}".getBytes(UTF_8);
    assertThat(ledger.excuse("a", changed)).isFalse();

    assertThat(ledger.counts()).isEqualTo(new Counts(1, 1, 0, 0, 0, 0));
    assertThat(ledger.expected()).isEqualTo(Map.of("a", 2L, "b", 1L));
    var digest = Ledger.digest();
    digest.update(prediction("a", 2));
    digest.update(prediction("a", 3));
    assertThat(ledger.digests().get("a")).isEqualTo(digest.digest());
  }

  @Test
  void theDigestOfAKeyIsThatOfItsPredictionsInOrder() {
    var digest = Ledger.digest();
    for (int seq = 1; seq <= 3; seq++) {
      digest.update(prediction("a", seq));
    }

    assertThat(ledger.digests()).containsOnlyKeys("a", "b");
    assertThat(ledger.digests().get("a")).isEqualTo(digest.digest());
  }
}
