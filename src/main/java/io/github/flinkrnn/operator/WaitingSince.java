package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.Position;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * The times since which the tokens of the current key wait for lower numbers, in managed state next
 * to the tokens. Tokens are taken in the order of their numbers. A token that arrived after one
 * with a larger number is therefore taken before the deadline of that one, and is not stored here.
 * The others form a queue in which both times and numbers increase; only its two ends are read.
 */
final class WaitingSince {
  private static final long ENDS = -1; // key of the first and the next free place

  private static final Tuple2<Long, Long> EMPTY = Tuple2.of(0L, 0L);

  private final MapState<Long, Tuple2<Long, Long>> queue; // place to (time, number)

  WaitingSince(MapState<Long, Tuple2<Long, Long>> queue) {
    this.queue = queue;
  }

  /**
   * Adds a waiting token. If the clock was set back, tokens that arrived at a later clock time
   * count as arrived now.
   */
  void add(long now, long number) throws Exception {
    Tuple2<Long, Long> ends = ends();
    long next = ends.f1;
    long most = number;
    boolean isBefore = false; // whether the last element arrived earlier
    while (next > ends.f0 && !isBefore) {
      Tuple2<Long, Long> last = queue.get(next - 1);
      if (last.f0 < now) {
        isBefore = true;
        most = last.f1 > most ? Position.NONE : most;
      } else {
        most = Math.max(most, last.f1);
        next--;
        queue.remove(next);
      }
    }
    if (most != Position.NONE) {
      queue.put(next, Tuple2.of(now, most));
      next++;
    }
    keep(ends, ends.f0, next);
  }

  /** Removes all numbers up to this one, which have been taken. */
  void taken(long number) throws Exception {
    Tuple2<Long, Long> ends = ends();
    long first = ends.f0;
    while (first < ends.f1 && queue.get(first).f1 <= number) {
      queue.remove(first);
      first++;
    }
    keep(ends, first, ends.f1);
  }

  /** The arrival time of the token that has waited longest. */
  long first() throws Exception {
    return queue.get(ends().f0).f0;
  }

  /** The largest number that arrived by this time; {@link Position#NONE} if there is none. */
  long lastBy(long moment) throws Exception {
    Tuple2<Long, Long> ends = ends();
    long last = Position.NONE;
    for (long place = ends.f0; place < ends.f1; place++) {
      Tuple2<Long, Long> each = queue.get(place);
      if (each.f0 > moment) {
        break;
      }
      last = each.f1;
    }
    return last;
  }

  private Tuple2<Long, Long> ends() throws Exception {
    Tuple2<Long, Long> ends = queue.get(ENDS);
    return ends == null ? EMPTY : ends;
  }

  private void keep(Tuple2<Long, Long> before, long first, long next) throws Exception {
    if (first == next) {
      queue.remove(ENDS);
    } else if (first != before.f0 || next != before.f1) {
      queue.put(ENDS, Tuple2.of(first, next));
    }
  }
}
