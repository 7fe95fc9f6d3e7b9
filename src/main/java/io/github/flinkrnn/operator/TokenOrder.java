package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;

/**
 * Gives each token its turn: in the order of arrival, of event time, or of the producer's numbers,
 * and without those that were there already. What has to be remembered of a key is its {@link
 * Position}, and the tokens that wait; both are managed state.
 *
 * <p><b>When it dies.</b> What waits, at the latest with its deadline, its watermark or the
 * stream's end. The position outlives the end of a sequence, for a repeated token may come after
 * it: it dies when the key was silent for the idle timeout, and is kept for ever without one. Where
 * nothing but event time orders the tokens, the watermark knows all of it, and it dies as soon as
 * nothing waits.
 */
abstract class TokenOrder {
  /** In event time, the last moment but one: behind every token, and before the sequences' ends. */
  static final long INPUT_ENDS = Long.MAX_VALUE - 1;

  final OrderOptions options;
  final IdleTimeout idle;
  final Outlet outlet;
  final Turns turns;
  private final ValueState<Position> position;
  private LeftTokens left; // null where no earlier order can have left any

  TokenOrder(
      OrderOptions options, IdleTimeout idle, RuntimeContext context, Outlet outlet, Turns turns) {
    this.options = options;
    this.idle = idle;
    this.outlet = outlet;
    this.turns = turns;
    position =
        context.getState(
            new ValueStateDescriptor<>("position", TypeInformation.of(Position.class)));
  }

  static TokenOrder of(
      OrderOptions options,
      EarlierOrders earlier,
      IdleTimeout idle,
      RuntimeContext context,
      Outlet outlet,
      Turns turns) {
    TokenOrder order = of(options, idle, context, outlet, turns);
    order.left = LeftTokens.of(earlier, context);
    return order;
  }

  private static TokenOrder of(
      OrderOptions options, IdleTimeout idle, RuntimeContext context, Outlet outlet, Turns turns) {
    return switch (options.by()) {
      case ARRIVAL -> new ArrivalOrder(options, idle, context, outlet, turns);
      case TIMESTAMP -> new TimestampOrder(options, idle, context, outlet, turns);
      case SEQ -> new NumberOrder(options, idle, context, outlet, turns);
    };
  }

  /** Whether the token has what the order goes by; it is rejected otherwise. */
  final boolean accepts(Token token) {
    boolean needsSeq = options.deduplicate() || options.by() == OrderOptions.By.SEQ;
    if (needsSeq && token.seq() == null) {
      outlet.reject(token, Reason.MISSING_FIELD, "seq: expected a number, for the job asks for it");
      return false;
    }
    if (needsSeq && token.seq() == Position.NONE) {
      outlet.reject(token, Reason.WRONG_TYPE, "seq: expected a number above -2^63");
      return false;
    }
    return true;
  }

  /** A token of the current key has come. */
  final void arrive(Token token) throws Exception {
    long now = idle.now(token, outlet.timers());
    Position kept = position.value();
    boolean over = kept != null && kept.waiting() == 0 && idle.isOver(kept.expires(), now);
    Position before = kept == null || over ? Position.START : withoutLeft(kept);
    if (before.waiting() > 0) {
      before = index(before);
    }
    Position after = arrive(token, before);
    boolean useless = kept != null && !isWorthKeeping(after);
    if (!after.equals(kept == null ? before : kept) || useless) {
      keep(kept, after.expiring(idle.expiry(now)));
    }
  }

  /**
   * Takes what waited when the job had another order, before the key's next token or at its next
   * timer, whichever comes first: the order of today may have neither the timer nor the number or
   * time that they wait for.
   */
  private Position withoutLeft(Position kept) throws Exception {
    if (left == null || kept.waiting() == 0) {
      return kept;
    }
    Position position = kept;
    for (Token token : left.take()) {
      position = position.waiting(position.waiting() - 1);
      if (token.seq() == null) {
        turns.step(token, false);
      } else if (!isDuplicate(token, position)) {
        turns.step(token, false);
        position = position.at(Math.max(position.seq(), token.seq()));
      }
    }
    return position;
  }

  /** Before anything else where tokens wait: those of a savepoint may have no index yet. */
  abstract Position index(Position before) throws Exception;

  abstract Position arrive(Token token, Position before) throws Exception;

  /** A timer of the current key has fired; not every one is of this. */
  final void onTimer(long time, TimeDomain domain) throws Exception {
    Position kept = position.value();
    if (kept == null) {
      return;
    }
    boolean inIdleTime = (domain == TimeDomain.EVENT_TIME) == idle.inEventTime();
    boolean ofIdle = inIdleTime && !idle.isNever() && idle.timer(kept.expires()) == time;
    boolean endsSilence = ofIdle || (inIdleTime && turns.usesTimer(time));
    Position rest = kept;
    if (!endsSilence || kept.deadline() == time) {
      rest = withoutLeft(kept);
    } else if (left != null && kept.waiting() > 0) {
      // Next, when the sequence has been told that its key is not silent.
      timers().registerProcessingTimeTimer(timers().currentProcessingTime() + 1);
    }
    if (rest.waiting() > 0) {
      rest = index(rest);
    }
    Position after = onTimer(time, domain, rest);
    if (!after.equals(kept)) { // also where the timer was of both: the key was not silent
      long now = idle.inEventTime() ? time : outlet.timers().currentProcessingTime();
      keep(kept, after.expiring(idle.expiry(now)));
    } else if (ofIdle && after.waiting() == 0) {
      position.clear();
    } else if (ofIdle) {
      // Tokens wait: the key is not silent.
      keep(kept, after.expiring(idle.expiryAfter(time, outlet.timers())));
    }
  }

  abstract Position onTimer(long time, TimeDomain domain, Position before) throws Exception;

  private void keep(Position before, Position after) throws Exception {
    long from = before == null ? 0 : before.expires();
    boolean worth = isWorthKeeping(after);
    long to = worth ? after.expires() : 0;
    boolean used = from != 0 && (turns.usesTimer(idle.timer(from)) || isTimer(idle.timer(from)));
    idle.moveTimer(outlet.timers(), from, to, used);
    if (worth) {
      position.update(after);
    } else {
      position.clear();
    }
  }

  boolean isWorthKeeping(Position after) {
    return true;
  }

  /** Whether a waiting token has a timer at that time, in the time of the idle timeout. */
  abstract boolean isTimer(long time) throws Exception;

  /** Whether the current key's position has a timer at that time, in that of the idle timeout. */
  final boolean usesTimer(long time) throws Exception {
    Position kept = position.value();
    return (kept != null && idle.timer(kept.expires()) == time) || isTimer(time);
  }

  /**
   * Whether tokens wait that may belong to a sequence whose time is over, in the time of the idle
   * timeout.
   */
  boolean isWaiting() throws Exception {
    Position kept = position.value();
    return kept != null && kept.waiting() > 0;
  }

  /** Whether a token of the current key waits for that event time. */
  boolean waitsUntil(long time) throws Exception {
    return false;
  }

  /** Whether the token's number says that it was taken already; it is counted then. */
  final boolean isDuplicate(Token token, Position before) {
    if (options.deduplicate() && token.seq() <= before.seq()) {
      turns.duplicate();
      return true;
    }
    return false;
  }

  /** The position behind the token, where its number matters. */
  final Position behind(Token token, Position before) {
    return options.deduplicate() ? before.at(token.seq()) : before;
  }

  final TimerService timers() {
    return outlet.timers();
  }
}
