package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.TimeDomain;

/**
 * Tokens by their event time: each waits until the watermark says that no earlier one will come.
 * Tokens of one time are taken by their numbers, if all have one, else as they arrived. A token
 * behind the watermark is late. When too many wait, or too many bytes, those of the earliest time
 * go ahead; who comes with a time before theirs is late then.
 */
final class TimestampOrder extends TokenOrder {
  private final WaitingByTime waiting;

  TimestampOrder(
      OrderOptions options, IdleTimeout idle, RuntimeContext context, Outlet outlet, Turns turns) {
    super(options, idle, context, outlet, turns);
    waiting = new WaitingByTime(context);
  }

  @Override
  Position index(Position before) throws Exception {
    waiting.index();
    return before;
  }

  @Override
  Position arrive(Token token, Position before) throws Exception {
    if (isDuplicate(token, before)) {
      return before;
    }
    long time = token.timestamp();
    if (time <= timers().currentWatermark() || time < before.time()) {
      long least = Math.max(timers().currentWatermark() + 1, before.time());
      outlet.reject(
          token, Reason.LATE, "timestamp: " + time + ", expected at least " + least + " by now");
      return before;
    }
    waiting.add(token);
    timers().registerEventTimeTimer(time);
    Position after = before.waiting(before.waiting() + 1);
    if (after.waiting() > options.maxBuffered()) {
      after = goAhead(after);
    }
    while (waiting.bytes() > OrderOptions.MAX_WAITING_BYTES) {
      after = goAhead(after);
    }
    return after;
  }

  /** Takes those of the earliest time before their timer, of which no more use is to be had. */
  private Position goAhead(Position before) throws Exception {
    long time = waiting.first();
    Position after = take(time, before);
    boolean ofOthers = time == Long.MAX_VALUE; // a sequence may wait for the stream's end
    ofOthers |= idle.inEventTime() && (usesTimer(time) || turns.usesTimer(time));
    if (!ofOthers) {
      timers().deleteEventTimeTimer(time);
    }
    return after;
  }

  @Override
  Position onTimer(long time, TimeDomain domain, Position before) throws Exception {
    boolean due = domain == TimeDomain.EVENT_TIME && waiting.contains(time);
    return due ? take(time, before) : before;
  }

  private Position take(long time, Position before) throws Exception {
    List<Token> together = waiting.take(time);
    Position position = before.waiting(before.waiting() - together.size()).atTime(time);
    for (Token token : together) {
      if (!isDuplicate(token, position)) {
        turns.step(token, false);
        position = behind(token, position);
      }
    }
    return position;
  }

  /** The watermark knows how far event time is, but not what went ahead of it. */
  @Override
  boolean isWorthKeeping(Position after) {
    return options.deduplicate()
        || after.waiting() > 0
        || after.time() > timers().currentWatermark();
  }

  /** By event time, what waits comes behind all that is over by now. */
  @Override
  boolean isWaiting() throws Exception {
    return !idle.inEventTime() && super.isWaiting();
  }

  @Override
  boolean waitsUntil(long time) throws Exception {
    return waiting.contains(time);
  }

  @Override
  boolean isTimer(long time) throws Exception {
    return idle.inEventTime() && waitsUntil(time);
  }
}
