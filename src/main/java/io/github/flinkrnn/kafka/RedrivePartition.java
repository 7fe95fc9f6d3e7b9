package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Reason;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** One partition of dead letters in one run: how far it was read, and which of them are done. */
final class RedrivePartition {
  private final RedriveProgress progress;
  private final long begin;
  private final long end;

  /** By reason of this run: from this offset on, all that was read is done. */
  private final Map<Reason, Long> doneFrom = new EnumMap<>(Reason.class);

  /** Reasons whose last dead letter was left. Until one is done, nothing needs to be marked. */
  private final Set<Reason> leaves = EnumSet.noneOf(Reason.class);

  /**
   * @param progress that earlier runs committed
   * @param oldest the first offset that retention has not deleted
   * @param end the first offset after the dead letters of this run
   * @param reasons of the dead letters that this run sends
   */
  RedrivePartition(RedriveProgress progress, long oldest, long end, Collection<Reason> reasons) {
    this.progress = progress;
    this.end = end;
    for (Reason reason : Reason.values()) {
      progress.add(reason, 0, oldest);
    }
    this.begin = progress.firstLeft(reasons);
    reasons.forEach(reason -> doneFrom.put(reason, begin));
  }

  /** Where to read from. */
  long begin() {
    return begin;
  }

  long end() {
    return end;
  }

  RedriveProgress progress() {
    return progress;
  }

  /** Whether a dead letter is one of this run, and no earlier run has done it. */
  boolean isLeft(Reason reason, long offset) {
    return doneFrom.containsKey(reason) && !progress.contains(reason, offset);
  }

  /** Leaves a dead letter to a later run. */
  void leave(Reason reason, long offset) {
    if (leaves.add(reason)) {
      progress.add(reason, doneFrom.get(reason), offset);
    }
    doneFrom.put(reason, offset + 1);
  }

  /** Does a dead letter in this run. */
  void take(Reason reason) {
    leaves.remove(reason);
  }

  /** Whether the progress has room for dead letters that this run cannot send. */
  boolean hasRoom() {
    return progress.hasRoom();
  }

  /** Marks what was read before an offset as done, except what was left. */
  void reach(long offset) {
    long before = Math.min(offset, end); // later records are not of this run
    doneFrom.replaceAll(
        (reason, from) -> {
          if (leaves.contains(reason)) {
            return from;
          }
          progress.add(reason, from, before);
          return Math.max(from, before);
        });
  }
}
