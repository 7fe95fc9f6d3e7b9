package io.github.flinkrnn.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.sequence.Reason;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class RedriveProgressTest {
  private static final Set<Reason> ALL = EnumSet.allOf(Reason.class);

  private static RedrivePartition partition(
      OffsetAndMetadata committed, long oldest, long end, Set<Reason> reasons) {
    return new RedrivePartition(RedriveProgress.of(committed), oldest, end, reasons);
  }

  @Test
  void aWholeRunIsOneOffset() throws Exception {
    RedrivePartition run = partition(null, 0, 10, ALL);
    assertThat(run.begin()).isZero();
    run.reach(4);
    assertThat(run.progress().committed()).isEqualTo(new OffsetAndMetadata(4, ""));
    run.reach(12); // what comes after the end is not of this run
    assertThat(run.progress().committed()).isEqualTo(new OffsetAndMetadata(10, ""));
  }

  @Test
  void aRunForOneReasonLeavesTheOthers() throws Exception {
    RedrivePartition run = partition(new OffsetAndMetadata(2, ""), 0, 10, Set.of(Reason.LATE));
    assertThat(run.begin()).isEqualTo(2);
    assertThat(run.isLeft(Reason.LATE, 3)).isTrue();
    assertThat(run.isLeft(Reason.GAP, 3)).isFalse();
    run.reach(10);
    OffsetAndMetadata committed = run.progress().committed();
    assertThat(committed).isEqualTo(new OffsetAndMetadata(2, "late:2-10"));

    RedrivePartition next = partition(committed, 0, 12, ALL);
    assertThat(next.begin()).isEqualTo(2);
    assertThat(next.isLeft(Reason.LATE, 9)).isFalse();
    assertThat(next.isLeft(Reason.LATE, 10)).isTrue();
    assertThat(next.isLeft(Reason.GAP, 9)).isTrue();
    next.reach(12);
    assertThat(next.progress().committed()).isEqualTo(new OffsetAndMetadata(12, ""));
  }

  @Test
  void deadLettersBeforeATimeAreLeft() throws Exception {
    RedrivePartition run = partition(null, 0, 10, Set.of(Reason.LATE, Reason.GAP));
    run.leave(Reason.LATE, 0);
    run.leave(Reason.LATE, 1);
    run.leave(Reason.GAP, 4);
    run.take(Reason.LATE);
    run.take(Reason.GAP);
    run.reach(10);
    OffsetAndMetadata committed = run.progress().committed();
    assertThat(committed).isEqualTo(new OffsetAndMetadata(0, "late:2-10;gap:0-4,5-10"));

    RedrivePartition next = partition(committed, 0, 10, ALL);
    assertThat(next.isLeft(Reason.LATE, 1)).isTrue();
    assertThat(next.isLeft(Reason.LATE, 2)).isFalse();
    assertThat(next.isLeft(Reason.GAP, 4)).isTrue();
    assertThat(next.isLeft(Reason.GAP, 0)).isFalse();
  }

  /** Only one that is done between two that are left takes room. */
  @Test
  void thereIsRoomForManyThatAreLeft() throws Exception {
    RedrivePartition run = partition(null, 0, 1_000_000, ALL);
    for (int at = 0; at < 100_000; at += 2) {
      run.leave(Reason.LATE, at);
      run.take(Reason.GAP);
      run.reach(at + 2);
    }
    assertThat(run.progress().committed().metadata()).hasSizeLessThan(1000);
    assertThat(run.hasRoom()).isTrue();
    int left = 0;
    for (int at = 100_000; at < 200_000 && run.hasRoom(); at += 2) {
      run.leave(Reason.LATE, at);
      run.take(Reason.LATE);
      run.reach(at + 2);
      left++;
    }
    assertThat(left).isBetween(100, 200);
    run.reach(1_000_000);
    assertThat(run.progress().committed().metadata()).hasSizeLessThan(2100);
  }

  @Test
  void whatRetentionDeletedIsDone() throws Exception {
    RedrivePartition run = partition(new OffsetAndMetadata(0, "late:5-8"), 6, 10, ALL);
    assertThat(run.begin()).isEqualTo(6);
    assertThat(run.progress().committed()).isEqualTo(new OffsetAndMetadata(6, "late:6-8"));
  }

  @Test
  void metadataOfAnotherProgramIsIgnored() {
    RedriveProgress progress =
        RedriveProgress.of(new OffsetAndMetadata(3, "x;late;late:;gap:9-y;nothing:1-2;late:4-6"));
    assertThat(progress.firstLeft(ALL)).isEqualTo(3);
    assertThat(progress.contains(Reason.LATE, 5)).isTrue();
    assertThat(progress.contains(Reason.GAP, 9)).isFalse();
  }

  @Test
  void tooManyRangesAreSaidAndNotForgotten() {
    RedriveProgress progress = RedriveProgress.of(null);
    for (int i = 0; i < 1000; i++) {
      progress.add(Reason.LATE, 2L * i + 1, 2L * i + 2);
    }
    assertThatThrownBy(progress::committed)
        .isInstanceOf(RedriveException.class)
        .hasMessageStartingWith("too many ranges");
  }

  /** Random runs, against a set of what was sent. */
  @Test
  void noDeadLetterIsSentTwiceOrForgotten() throws Exception {
    List<Reason> reasons = List.of(Reason.LATE, Reason.GAP, Reason.EMPTY);
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Reason[] letters = new Reason[60];
      for (int i = 0; i < letters.length; i++) {
        letters[i] = reasons.get(random.nextInt(3));
      }
      Set<Integer> sent = new TreeSet<>();
      OffsetAndMetadata committed = null;
      for (int run = 0; run < 6; run++) {
        boolean last = run == 5;
        Set<Reason> some =
            last || random.nextBoolean() ? ALL : Set.of(reasons.get(random.nextInt(3)));
        int since = last || random.nextBoolean() ? 0 : random.nextInt(letters.length);
        int end = last ? letters.length : random.nextInt(letters.length + 1);
        int killed = last ? letters.length : random.nextInt(2 * letters.length);
        RedrivePartition partition = partition(committed, 0, end, some);
        Set<Integer> batch = new TreeSet<>();
        for (int at = (int) partition.begin(); at < end && at < killed; at++) {
          if (partition.isLeft(letters[at], at)) {
            if (at < since) {
              partition.leave(letters[at], at);
            } else {
              batch.add(at);
              partition.take(letters[at]);
            }
          }
          if (random.nextInt(5) == 0 || at == end - 1) { // a transaction
            partition.reach(at + 1);
            assertThat(Collections.disjoint(sent, batch)).as("seed %s", seed).isTrue();
            sent.addAll(batch);
            batch.clear();
            committed = partition.progress().committed();
          }
        }
      }
      assertThat(sent).as("seed %s", seed).hasSize(letters.length);
    }
  }
}
