package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.TimeDomain;

/** Tokens as they arrive, but each number once; and those that waited in an earlier order. */
final class ArrivalOrder extends TokenOrder {
  ArrivalOrder(
      OrderOptions options, IdleTimeout idle, RuntimeContext context, Outlet outlet, Turns turns) {
    super(options, idle, context, outlet, turns);
  }

  @Override
  Position index(Position before) {
    return before;
  }

  @Override
  Position arrive(Token token, Position before) throws Exception {
    if (isDuplicate(token, before)) {
      return before;
    }
    turns.step(token, false);
    return behind(token, before);
  }

  @Override
  Position onTimer(long time, TimeDomain domain, Position before) {
    return before;
  }

  /** What another order left is of no more use once nothing waits. */
  @Override
  boolean isWorthKeeping(Position after) {
    return options.deduplicate() || after.waiting() > 0;
  }

  @Override
  boolean isTimer(long time) {
    return false;
  }
}
