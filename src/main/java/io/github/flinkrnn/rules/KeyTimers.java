package io.github.flinkrnn.rules;

import org.apache.flink.annotation.Internal;

/**
 * The timers that the state of a key needs: at most three in processing time and four in event
 * time. They depend only on the state. After a token, only the changed timers are registered and
 * deleted. Nothing else in the operator touches a timer.
 */
@Internal
public final class KeyTimers {
  /** Flink's timers of the current key. */
  public interface Timers {
    void register(boolean inEventTime, long time);

    void delete(boolean inEventTime, long time);
  }

  private static final long NONE = Position.NONE;

  private final long[] clock = {NONE, NONE, NONE};
  private final long[] event = {NONE, NONE, NONE, NONE};

  void processing(long silence, long deadline) {
    clock[0] = silence == 0 ? NONE : silence;
    clock[1] = deadline == 0 ? NONE : deadline;
  }

  /** The time at which undecided tokens are decided; {@link Position#NONE} for never. */
  void decision(long inProcessingTime, long inEventTime) {
    clock[2] = inProcessingTime;
    event[3] = inEventTime;
  }

  void event(long silence, long order, long end) {
    event[0] = silence;
    event[1] = order;
    event[2] = end;
  }

  /** Removes a timer that has fired. */
  public void fired(boolean inEventTime, long time) {
    long[] all = inEventTime ? event : clock;
    for (int i = 0; i < all.length; i++) {
      all[i] = all[i] == time ? NONE : all[i];
    }
  }

  /** Registers and deletes timers so that these become those of another state. */
  public void change(KeyTimers after, Timers timers) {
    change(clock, after.clock, false, timers);
    change(event, after.event, true, timers);
  }

  private static void change(long[] before, long[] after, boolean inEventTime, Timers timers) {
    for (int i = 0; i < before.length; i++) {
      if (before[i] != NONE && before[i] != after[i] && !isAmong(before[i], after)) {
        timers.delete(inEventTime, before[i]);
      }
    }
    for (int i = 0; i < after.length; i++) {
      if (after[i] != NONE && after[i] != before[i] && !isAmong(after[i], before)) {
        timers.register(inEventTime, after[i]);
      }
    }
  }

  private static boolean isAmong(long time, long[] all) {
    for (long each : all) {
      if (each == time) {
        return true;
      }
    }
    return false;
  }
}
