package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.TimeDomain;

/**
 * Tokens by the numbers that their producer gave them: one waits for those before it, at most for
 * so long and with so many others; then the numbers that have not come are given up. A token whose
 * number was passed is late.
 *
 * <p>The first token of a key is the one with the first number, or with {@code start}, or with
 * number 0; where none of these tells, it waits for smaller ones as for a gap. Without {@code
 * deduplicate}, a {@code start} with a number that was passed begins the numbering anew.
 */
final class NumberOrder extends TokenOrder {
  private final WaitingByNumber waiting;

  private long deadline; // the current key's timer

  NumberOrder(
      OrderOptions options, IdleTimeout idle, RuntimeContext context, Outlet outlet, Turns turns) {
    super(options, idle, context, outlet, turns);
    waiting = new WaitingByNumber(context);
  }

  @Override
  Position index(Position before) throws Exception {
    deadline = before.deadline();
    return waiting.index() ? withoutThosePassed(before) : before;
  }

  /**
   * A version without an index, given a first number, took tokens from there on while smaller ones
   * waited. They have their turn first: nothing after this finds a smaller number than the last.
   */
  private Position withoutThosePassed(Position before) throws Exception {
    Position position = before;
    for (Long number = waiting.first();
        number != null && number <= before.seq();
        number = waiting.first()) {
      turns.step(waiting.take(number), false);
      position = position.waiting(position.waiting() - 1);
    }
    return position.waiting() == 0 ? until(position, 0) : position;
  }

  @Override
  Position arrive(Token token, Position found) throws Exception {
    deadline = found.deadline();
    Position kept = withoutThoseBeforeTheFirst(found);
    Position before = kept;
    if (before.seq() == Position.NONE && options.firstSeq() != null) {
      before = before.at(options.firstSeq() - 1);
    }
    long seq = token.seq();
    if (before.seq() != Position.NONE && seq <= before.seq()) {
      if (isDuplicate(token, before)) {
        return kept;
      }
      if (!token.start()) {
        String detail = "seq: " + seq + ", expected more than " + before.seq() + " by now";
        outlet.reject(token, Reason.LATE, detail);
        return kept;
      }
      before = takeAll(Long.MAX_VALUE, before).at(seq - 1);
    }
    boolean begins = before.seq() == Position.NONE && before.waiting() == 0 && isFirst(token);
    if (begins || (before.seq() != Position.NONE && seq == before.seq() + 1)) {
      turns.step(token, false);
      return goOn(before.at(seq));
    }
    if (waiting.contains(seq)) {
      if (options.deduplicate()) {
        turns.duplicate();
      } else {
        outlet.reject(token, Reason.LATE, "seq: " + seq + " waits for its turn already");
      }
      return kept;
    }
    return await(token, before);
  }

  /** Of a job that had no first number, or a smaller one, those that wait with smaller numbers. */
  private Position withoutThoseBeforeTheFirst(Position found) throws Exception {
    if (options.firstSeq() == null || found.seq() != Position.NONE || found.waiting() == 0) {
      return found;
    }
    Position after = takeAll(options.firstSeq() - 1, found);
    return after.seq() == Position.NONE ? found : after.at(options.firstSeq() - 1);
  }

  private static boolean isFirst(Token token) {
    return token.start() || token.seq() == 0;
  }

  private Position await(Token token, Position before) throws Exception {
    long now = timers().currentProcessingTime();
    waiting.add(token, now);
    Position after = before.waiting(before.waiting() + 1);
    if (before.waiting() == 0) {
      timers().registerEventTimeTimer(INPUT_ENDS);
      after = until(after, now + options.maxWait().toMillis());
    }
    boolean tooMany = after.waiting() > options.maxBuffered();
    if (tooMany || waiting.bytes() > OrderOptions.MAX_WAITING_BYTES) {
      do {
        long first = waiting.first();
        after = goOn(take(first, first, after));
      } while (waiting.bytes() > OrderOptions.MAX_WAITING_BYTES);
      after = settled(after);
    }
    return after;
  }

  /** Takes those whose numbers follow on each other. */
  private Position goOn(Position before) throws Exception {
    Position position = before;
    while (position.waiting() > 0 && waiting.contains(position.seq() + 1)) {
      long next = position.seq() + 1;
      turns.step(waiting.take(next), false);
      position = position.at(next).waiting(position.waiting() - 1);
    }
    return position.waiting() == 0 && before.waiting() > 0 ? until(position, 0) : position;
  }

  @Override
  Position onTimer(long time, TimeDomain domain, Position before) throws Exception {
    deadline = before.deadline();
    if (domain == TimeDomain.EVENT_TIME) {
      boolean ends = time == INPUT_ENDS && before.waiting() > 0;
      return ends ? takeAll(Long.MAX_VALUE, before) : before;
    }
    if (before.deadline() != time) {
      return before;
    }
    long last = waiting.lastBy(time - options.maxWait().toMillis());
    deadline = 0; // its timer has just gone
    Position position = before.until(0);
    return settled(last == Position.NONE ? position : goOn(takeAll(last, position)));
  }

  /** Takes all that wait, up to a number; the numbers between them are given up. */
  private Position takeAll(long last, Position before) throws Exception {
    return take(waiting.first(), last, before);
  }

  /**
   * @param first the smallest that waits; null where none does
   */
  private Position take(Long first, long last, Position before) throws Exception {
    Position position = before;
    boolean rejecting = false;
    for (Long number = first;
        number != null && number <= last;
        number = number == last ? null : waiting.first()) {
      boolean gap = position.seq() != Position.NONE && number != position.seq() + 1;
      if (gap) {
        turns.gap();
        rejecting = options.onGap() == OnGap.REJECT;
      }
      Token token = waiting.take(number);
      if (rejecting) {
        outlet.reject(token, Reason.GAP, "seq: " + number + " follows a gap");
      } else {
        turns.step(token, gap && options.onGap() == OnGap.RESTART);
      }
      position = position.at(number).waiting(position.waiting() - 1);
    }
    return position.waiting() == 0 && before.waiting() > 0 ? until(position, 0) : position;
  }

  /** The next deadline is that of whoever waits longest. */
  private Position settled(Position before) throws Exception {
    if (before.waiting() == 0) {
      return until(before, 0);
    }
    return until(before, waiting.since() + options.maxWait().toMillis());
  }

  /** Moves the key's timer; without one, nothing waits for the stream's end either. */
  private Position until(Position before, long next) throws Exception {
    long old = deadline;
    deadline = next;
    if (next == 0) {
      timers().deleteEventTimeTimer(INPUT_ENDS);
    }
    if (old != next) {
      boolean ofIdle = !idle.inEventTime() && (before.expires() == old || turns.usesTimer(old));
      if (old != 0 && !ofIdle) {
        timers().deleteProcessingTimeTimer(old);
      }
      if (next != 0) {
        timers().registerProcessingTimeTimer(next);
      }
    }
    return before.until(next);
  }

  @Override
  boolean isTimer(long time) {
    return !idle.inEventTime() && time == deadline;
  }
}
