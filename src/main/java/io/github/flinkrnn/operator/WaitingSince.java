package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.Position;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * Since when the tokens of the current key wait for smaller numbers, in managed state beside them.
 * They are taken by their numbers: so one that came later than a larger number has its turn before
 * that one's deadline, and need not be remembered. The others are a queue in which moments and
 * numbers rise; only its ends are ever looked at.
 */
final class WaitingSince {
  private static final long ENDS = -1; // not a place: the key of the first place and of the next

  private static final Tuple2<Long, Long> EMPTY = Tuple2.of(0L, 0L);

  private final MapState<Long, Tuple2<Long, Long>> queue; // by place: moment and number

  WaitingSince(MapState<Long, Tuple2<Long, Long>> queue) {
    this.queue = queue;
  }

  /**
   * A token has come that waits. Where the clock was set back, what came at a later time by it has
   * come by now.
   */
  void add(long now, long number) throws Exception {
    Tuple2<Long, Long> ends = ends();
    long next = ends.f1;
    long most = number;
    boolean isBefore = false; // that of a token that came earlier
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

  /** All numbers up to this one have been taken. */
  void taken(long number) throws Exception {
    Tuple2<Long, Long> ends = ends();
    long first = ends.f0;
    while (first < ends.f1 && queue.get(first).f1 <= number) {
      queue.remove(first);
      first++;
    }
    keep(ends, first, ends.f1);
  }

  /** When the one came that waits longest. */
  long first() throws Exception {
    return queue.get(ends().f0).f0;
  }

  /** The largest number that came by then; {@link Position#NONE} for none. */
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
