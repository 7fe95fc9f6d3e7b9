package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.operator.SimulatedKey.Future;
import io.github.flinkrnn.operator.SimulatedKey.Marks;
import io.github.flinkrnn.operator.SimulatedKey.Waiter;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The expected behaviour of an operator, one token after another in plain Java: without a state
 * backend, with timers that are found by looking at each key, and without an index of waiting
 * tokens. It is slow, but short enough to be compared with the docs.
 */
final class SimulationReference {
  private static final long NONE = SimulatedKey.NONE;
  private static final long INPUT_ENDS = Long.MAX_VALUE - 1;
  private static final long SEQUENCES_END = Long.MAX_VALUE;

  private final List<RnnModel> models;
  private final List<SimulatedFuture> futures;
  private Setup setup;
  private SimulatedSteps steps;
  private SimulatedTimes times;
  private Map<String, SimulatedKey> keys = new TreeMap<>();
  private long now;
  private long watermark = NONE;
  private final List<String> out = new ArrayList<>();

  /**
   * @param futures of the bidirectional models, which are the last ones
   */
  SimulationReference(List<RnnModel> models, List<SimulatedFuture> futures, Setup setup, long now) {
    this.models = models;
    this.futures = futures;
    this.now = now;
    start(setup);
  }

  private void start(Setup other) {
    setup = other;
    steps = new SimulatedSteps(models.get(other.model()), other);
    times = new SimulatedTimes(other);
    watermark = NONE;
  }

  /** A copy of the state, to continue from later. */
  Map<String, SimulatedKey> snapshot() {
    Map<String, SimulatedKey> copy = new TreeMap<>();
    keys.forEach((name, key) -> copy.put(name, key.copy()));
    return copy;
  }

  /** Continues from a copy of the state. */
  void restore(Object kept, Setup other) {
    @SuppressWarnings("unchecked")
    Map<String, SimulatedKey> from = kept == null ? Map.of() : (Map<String, SimulatedKey>) kept;
    keys = new TreeMap<>();
    from.forEach((name, key) -> keys.put(name, key.copy()));
    start(other);
  }

  /** The output since the last call. */
  List<String> takeOutput() {
    List<String> all = List.copyOf(out);
    out.clear();
    return all;
  }

  /** The keys with state. */
  List<String> kept() {
    return names(key -> key.t > 0 || key.hasPosition());
  }

  /** The keys with tokens that wait in this order. */
  List<String> waiting(By by) {
    return names(key -> key.waitingBy == by && !key.waiting.isEmpty());
  }

  private List<String> names(Predicate<SimulatedKey> of) {
    return keys.values().stream().filter(of).map(key -> key.name).toList();
  }

  /** The timers of all keys. */
  List<String> timers() {
    List<String> timers = new ArrayList<>();
    for (SimulatedKey key : keys.values()) {
      for (boolean inEventTime : new boolean[] {false, true}) {
        for (long time : timers(key, inEventTime)) {
          timers.add(key.name + (inEventTime ? " event " : " processing ") + time);
        }
      }
    }
    return timers;
  }

  private SortedSet<Long> timers(SimulatedKey key, boolean inEventTime) {
    SortedSet<Long> times = new TreeSet<>();
    if (!inEventTime) {
      times.add(key.wakes == NONE ? firstExpiry(key) : 0);
      times.add(key.deadline);
      times.add(decision(key, false));
      times.remove(0L);
    } else {
      times.add(key.wakes);
      if (key.waitingBy == By.SEQ && !key.waiting.isEmpty()) {
        times.add(INPUT_ENDS);
      } else {
        times.add(key.due);
      }
      times.add(key.last == null && isDecided(key) ? NONE : SEQUENCES_END);
      boolean isHeld = !key.waiting.isEmpty() && key.waitingBy == By.SEQ;
      times.add(decision(key, true) == 0 || isHeld ? NONE : decision(key, true));
      times.remove(NONE);
    }
    return times;
  }

  private static boolean isDecided(SimulatedKey key) {
    return key.future == null || key.future.isDecided();
  }

  /** When undecided tokens are decided, if that is in this time; else 0. */
  private static long decision(SimulatedKey key, boolean inEventTime) {
    boolean isThere = !isDecided(key) && key.future.inEventTime == inEventTime;
    return isThere ? key.future.deadline : 0;
  }

  // ---- Time.

  private long firstExpiry(SimulatedKey key) {
    return key.expires == 0 || key.forgets == 0
        ? Math.max(key.expires, key.forgets)
        : Math.min(key.expires, key.forgets);
  }

  /** Advances processing time and fires the due timers, key by key. */
  void clock(long moment) {
    now = moment;
    fireAll(false, moment);
  }

  /** Advances event time and fires the due timers, key by key. */
  void watermark(long moment) {
    watermark = moment;
    fireAll(true, moment);
  }

  private void fireAll(boolean inEventTime, long upTo) {
    for (SimulatedKey key : List.copyOf(keys.values())) {
      SortedSet<Long> times = timers(key, inEventTime);
      while (!times.isEmpty() && times.first() <= upTo) {
        fire(key, inEventTime, times.first());
        times = timers(key, inEventTime);
      }
    }
  }

  private void fire(SimulatedKey key, boolean inEventTime, long time) {
    adopt(key);
    boolean ofSilence =
        times.idles()
            && inEventTime == times.byEvents()
            && (inEventTime
                ? key.wakes != NONE && key.wakes <= time
                : firstExpiry(key) != 0 && firstExpiry(key) <= time);
    if (ofSilence && !key.waiting.isEmpty()) { // a key with waiting tokens is not silent
      boolean isEnd = inEventTime && time >= SimulatedTimes.LATEST;
      long again = isEnd ? 0 : times.expiry(Math.max(time, inEventTime ? watermark : now));
      if (!inEventTime && key.expires != 0 && key.expires <= time) {
        key.expires = again;
      }
      if (key.forgets != 0 && times.timer(key.forgets) <= time) {
        key.forgets = again;
      }
    }
    Marks before = key.marks();
    takeLeft(key);
    By by = setup.sequence().order().by();
    if (by == By.SEQ && !key.waiting.isEmpty()) {
      if (inEventTime && time == INPUT_ENDS) {
        takeUpTo(key, Long.MAX_VALUE);
      } else if (!inEventTime && key.deadline != 0 && key.deadline <= time) {
        long maxWait = setup.sequence().order().maxWait().toMillis();
        key.waiting.stream()
            .filter(waiter -> waiter.since() + maxWait <= time)
            .mapToLong(waiter -> waiter.token().seq())
            .max()
            .ifPresent(
                last -> {
                  takeUpTo(key, last);
                  follow(key);
                });
        key.deadline = deadline(key);
      }
    } else if (by == By.TIMESTAMP && inEventTime && key.due != NONE && key.due <= time) {
      if (!key.waiting.isEmpty()) {
        takeTime(key, key.due);
      }
      settleDue(key);
    }
    long forgets = key.forgets;
    remember(key, before, times.byEvents() ? time : now);
    if (times.byEvents() && !inEventTime && key.forgets != 0) {
      key.forgets = forgets; // the arrivals of these tokens have already counted
    }
    if (inEventTime && time == SEQUENCES_END && (key.last != null || !isDecided(key))) {
      end(key, "end-of-input");
    } else if (ofSilence
        && key.t > 0
        && !isHeld(key)
        && key.expires != 0
        && times.timer(key.expires) <= time) {
      end(key, "idle-timeout");
    } else if (decision(key, inEventTime) != 0 && decision(key, inEventTime) <= time) {
      if (inEventTime && watermark == Long.MAX_VALUE) {
        key.future.deadline = 0; // the end of the stream decides
      } else if (!isHeld(key)) {
        decideAll(key);
      } else if (!inEventTime) {
        key.future.deadline = times.decision(Math.max(time, now));
      }
    }
    if (ofSilence
        && key.waiting.isEmpty()
        && key.forgets != 0
        && times.timer(key.forgets) <= time) {
      key.forgetPosition();
    }
    settle(key);
  }

  /** Drops an expiry in another kind of time. */
  private void adopt(SimulatedKey key) {
    if (isOfOtherTime(key)) {
      key.expires = 0;
      key.forgets = 0;
      key.wakes = NONE;
    }
    if (setup.output().emit().when() != Emit.When.LAST) {
      key.last = null; // it is no longer emitted
    }
    if (isDecided(key)) {
      return;
    }
    Future future = key.future;
    if (times.decisionTimeout() == 0 || future.inEventTime != times.byEvents()) {
      future.deadline = 0;
      future.inEventTime = times.byEvents();
    }
    if (!key.made.equals(steps.maker())) {
      List<Token> undecided = future.tokens.subList(future.decided, future.tokens.size());
      key.future = null;
      end(key, "other-model");
      undecided.forEach(token -> step(key, token, false));
    }
  }

  private boolean isOfOtherTime(SimulatedKey key) {
    boolean some = key.expires != 0 || key.forgets != 0;
    return some && (!times.idles() || (key.wakes != NONE) != times.byEvents());
  }

  private boolean isHeld(SimulatedKey key) {
    return !key.waiting.isEmpty() && (!times.byEvents() || key.waitingBy == By.SEQ);
  }

  private void remember(SimulatedKey key, Marks before, long moment) {
    boolean dedupe = setup.sequence().order().deduplicate();
    boolean worth =
        switch (setup.sequence().order().by()) {
          case ARRIVAL -> dedupe;
          case TIMESTAMP -> dedupe || key.due != NONE;
          case SEQ -> true;
        };
    boolean saysNothing =
        key.seq == null && key.taken == NONE && key.waiting.isEmpty() && key.due == NONE;
    if (!worth || saysNothing) {
      key.forgetPosition();
    } else if (!key.marks().equals(before)) {
      long expiry = times.expiry(moment);
      key.forgets = times.byEvents() && key.forgets != 0 ? Math.max(expiry, key.forgets) : expiry;
    }
  }

  private void settle(SimulatedKey key) {
    key.wakes = NONE;
    if (!times.idles() || !times.byEvents()) {
      return;
    }
    if (key.expires != 0) {
      key.wakes = isHeld(key) ? SEQUENCES_END : times.timer(key.expires);
    }
    if (key.forgets != 0) {
      long timer = times.timer(key.forgets);
      key.wakes = key.wakes == NONE ? timer : Math.min(timer, key.wakes);
    }
  }

  // ---- Tokens.

  void arrive(Token token) {
    if (token.tombstone()) {
      erase(keys.computeIfAbsent(token.key(), SimulatedKey::new));
      return;
    }
    if (setup.sequence().needsWatermarks() && token.timestamp() == null) {
      reject(token, Reason.MISSING_FIELD);
      return;
    }
    Reason refusal = steps.refusal(token);
    if (refusal != null) {
      reject(token, refusal);
      return;
    }
    boolean dedupe = setup.sequence().order().deduplicate();
    By by = setup.sequence().order().by();
    if ((dedupe || by == By.SEQ) && token.seq() == null) {
      reject(token, Reason.MISSING_FIELD);
      return;
    }
    SimulatedKey key = keys.computeIfAbsent(token.key(), SimulatedKey::new);
    adopt(key);
    Marks before = key.marks();
    if (key.waiting.isEmpty() && times.isOver(key.forgets, times.moment(token, now))) {
      key.forgetPosition();
      before = null; // so that the result counts as a change
    }
    takeLeft(key);
    switch (by) {
      case ARRIVAL -> {
        if (!isDuplicate(key, token)) {
          step(key, token, false);
          mark(key, token);
        }
      }
      case TIMESTAMP -> arriveByTime(key, token);
      case SEQ -> arriveByNumber(key, token);
    }
    remember(key, before, times.moment(token, now));
    settle(key);
  }

  private void erase(SimulatedKey key) {
    adopt(key);
    takeLeft(key);
    while (!key.waiting.isEmpty()) {
      if (key.waitingBy == By.SEQ) {
        takeUpTo(key, Long.MAX_VALUE);
      } else {
        takeTime(key, firstTime(key));
      }
    }
    if (key.t > 0) {
      end(key, "tombstone");
    }
    key.forgetPosition();
    key.deadline = 0;
    settle(key);
  }

  private void takeLeft(SimulatedKey key) {
    By by = setup.sequence().order().by();
    if (by != By.TIMESTAMP) {
      key.due = NONE;
    }
    if (key.waiting.isEmpty() || key.waitingBy == by) {
      return;
    }
    List<Waiter> left = new ArrayList<>();
    if (key.waitingBy == By.SEQ) {
      left.addAll(key.waiting);
      left.sort(Comparator.comparing(waiter -> waiter.token().seq()));
    } else {
      key.waiting.stream()
          .map(waiter -> waiter.token().timestamp())
          .distinct()
          .sorted()
          .forEach(time -> left.addAll(together(key, time)));
    }
    key.deadline = 0;
    key.due = NONE;
    for (Waiter waiter : left) {
      key.waiting.remove(waiter);
      Token token = waiter.token();
      if (token.seq() == null) {
        step(key, token, false);
      } else if (!isDuplicate(key, token)) {
        step(key, token, false);
        key.seq = Math.max(key.seq == null ? NONE : key.seq, token.seq());
      }
    }
  }

  private boolean isDuplicate(SimulatedKey key, Token token) {
    boolean repeats =
        setup.sequence().order().deduplicate()
            && token.seq() != null
            && key.seq != null
            && token.seq() <= key.seq;
    if (repeats) {
      out.add(token.key() + " duplicate");
    }
    return repeats;
  }

  private void mark(SimulatedKey key, Token token) {
    if (setup.sequence().order().deduplicate() && token.seq() != null) {
      key.seq = token.seq();
    }
  }

  private void arriveByTime(SimulatedKey key, Token token) {
    if (isDuplicate(key, token)) {
      return;
    }
    if (token.timestamp() <= watermark || token.timestamp() < key.taken) {
      reject(token, Reason.LATE);
      return;
    }
    key.waiting.add(new Waiter(token, now));
    key.waitingBy = By.TIMESTAMP;
    key.due = firstTime(key);
    while (key.waiting.size() > setup.sequence().order().maxBuffered()) {
      takeTime(key, firstTime(key));
      settleDue(key);
    }
  }

  private static long firstTime(SimulatedKey key) {
    return key.waiting.stream().mapToLong(waiter -> waiter.token().timestamp()).min().getAsLong();
  }

  /** The tokens at one time: by number if all have one, otherwise in the order of arrival. */
  private static List<Waiter> together(SimulatedKey key, long time) {
    List<Waiter> together =
        new ArrayList<>(
            key.waiting.stream().filter(waiter -> waiter.token().timestamp() == time).toList());
    if (together.stream().allMatch(waiter -> waiter.token().seq() != null)) {
      together.sort(Comparator.comparing(waiter -> waiter.token().seq()));
    }
    return together;
  }

  private void takeTime(SimulatedKey key, long time) {
    List<Waiter> together = together(key, time);
    key.waiting.removeAll(together);
    key.taken = time;
    for (Waiter waiter : together) {
      if (!isDuplicate(key, waiter.token())) {
        step(key, waiter.token(), false);
        mark(key, waiter.token());
      }
    }
  }

  private void settleDue(SimulatedKey key) {
    key.due = !key.waiting.isEmpty() ? firstTime(key) : key.taken > watermark ? key.taken : NONE;
  }

  private void arriveByNumber(SimulatedKey key, Token token) {
    Long first = setup.sequence().order().firstSeq();
    boolean dedupe = setup.sequence().order().deduplicate();
    long n = token.seq();
    if (first != null && key.seq == null && !key.waiting.isEmpty()) {
      takeUpTo(key, first - 1);
      key.seq = key.seq == null ? null : (Long) (first - 1);
    }
    Long seq = key.seq == null && first != null ? (Long) (first - 1) : key.seq;
    if (seq != null && n <= seq) {
      if (dedupe) {
        out.add(token.key() + " duplicate");
        return;
      }
      if (!token.start()) {
        reject(token, Reason.LATE);
        return;
      }
      key.seq = seq;
      takeUpTo(key, Long.MAX_VALUE);
      seq = n - 1;
    }
    boolean begins = seq == null && key.waiting.isEmpty() && (token.start() || n == 0);
    if (begins || (seq != null && n == seq + 1)) {
      key.seq = seq;
      step(key, token, false);
      key.seq = n;
      follow(key);
    } else if (key.waiting.stream().anyMatch(waiter -> waiter.token().seq() == n)) {
      if (dedupe) {
        out.add(token.key() + " duplicate");
      } else {
        reject(token, Reason.LATE);
      }
    } else {
      key.seq = seq;
      long maxWait = setup.sequence().order().maxWait().toMillis();
      key.deadline = key.waiting.isEmpty() ? now + maxWait : key.deadline;
      key.waiting.add(new Waiter(token, now));
      key.waitingBy = By.SEQ;
      if (key.waiting.size() > setup.sequence().order().maxBuffered()) {
        takeUpTo(key, firstNumber(key));
        follow(key);
        key.deadline = deadline(key);
      }
    }
  }

  private static long firstNumber(SimulatedKey key) {
    return key.waiting.stream().mapToLong(waiter -> waiter.token().seq()).min().getAsLong();
  }

  private long deadline(SimulatedKey key) {
    return key.waiting.isEmpty()
        ? 0
        : key.waiting.stream().mapToLong(Waiter::since).min().getAsLong()
            + setup.sequence().order().maxWait().toMillis();
  }

  private static Token takeNumber(SimulatedKey key, long number) {
    for (Waiter waiter : key.waiting) {
      if (waiter.token().seq() == number) {
        key.waiting.remove(waiter);
        return waiter.token();
      }
    }
    return null;
  }

  /** Takes waiting tokens up to a number, and skips the missing numbers. */
  private void takeUpTo(SimulatedKey key, long last) {
    OnGap rule = setup.sequence().order().onGap();
    boolean rejecting = false;
    while (!key.waiting.isEmpty() && firstNumber(key) <= last) {
      long number = firstNumber(key);
      Token token = takeNumber(key, number);
      boolean gap = key.seq != null && number != key.seq + 1;
      if (gap) {
        out.add(token.key() + " gap");
        rejecting = rule == OnGap.REJECT;
      }
      if (rejecting) {
        reject(token, Reason.GAP);
      } else {
        step(key, token, gap && rule == OnGap.RESTART);
      }
      key.seq = number;
    }
    key.deadline = key.waiting.isEmpty() ? 0 : key.deadline;
  }

  private void follow(SimulatedKey key) {
    Token next = takeNumber(key, key.seq + 1);
    while (next != null) {
      step(key, next, false);
      key.seq = next.seq();
      next = takeNumber(key, key.seq + 1);
    }
    key.deadline = key.waiting.isEmpty() ? 0 : key.deadline;
  }

  // ---- Sequences.

  private void step(SimulatedKey key, Token token, boolean afterGap) {
    if (setup.sequence().needsWatermarks() && token.timestamp() == null) {
      reject(token, Reason.MISSING_FIELD); // it waited in a job that did not need the field
      return;
    }
    Reason refusal = steps.refusal(token);
    if (refusal != null) {
      reject(token, refusal); // it waited in a job with another model
      return;
    }
    long moment = times.moment(token, now);
    boolean isStartWord = token.token().equals(setup.sequence().startToken());
    String why = null;
    if (key.t > 0) {
      if (!key.made.equals(steps.maker())) {
        why = "other-model";
      } else if (times.isOver(key.expires, moment)) {
        why = "idle-timeout";
      } else if (token.start()) {
        why = "start";
      } else if (isStartWord) {
        why = "start-token";
      } else if (afterGap) {
        why = "gap";
      }
    }
    float[] x = steps.x(key, token, key.t == 0 || why != null);
    if (x == null) {
      reject(token, Reason.MISSING_FIELD);
      return;
    }
    if (why != null) {
      end(key, why);
    }
    if (times.looksAhead()) {
      stepAhead(key, token, x, moment);
      return;
    }
    float[] before = key.t == 0 ? null : steps.hidden(key.a);
    float[] kept = steps.next(key.a, x);
    float[] a = steps.hidden(kept);
    long t = key.t + 1;
    if (t == 1) {
      out.add(token.key() + " started");
    }
    boolean ended = steps.endsAfter(token, t) != null;
    String prediction = steps.prediction(token.key(), t, token.token(), a, false, token);
    Emit.When when = setup.output().emit().when();
    if (when == Emit.When.LAST) {
      key.last = prediction;
      if (ended) {
        emitLast(key);
      }
    } else if (steps.isEmitted(when, before, a)) {
      out.add(prediction);
    }
    long expires = times.expiry(moment);
    key.expires = times.byEvents() && key.t > 0 ? Math.max(expires, key.expires) : expires;
    key.a = kept;
    key.t = t;
    key.made = steps.maker();
    key.x = x;
    key.stepTime = steps.ofWords() ? 0 : token.timestamp();
    key.recordTime = setup.output().ends() ? token.source().timestamp() : 0;
    String after = steps.endsAfter(token, t);
    if (setup.sequence().generation() != null
        && (token.generate() || "end".equals(after) || "end-token".equals(after))) {
      out.addAll(steps.generated(token, t, kept, x));
    }
    if (after != null) {
      end(key, after);
    }
  }

  /** The step of a bidirectional model. */
  private void stepAhead(SimulatedKey key, Token token, float[] x, long moment) {
    long arrival = times.byEvents() ? token.timestamp() : now;
    if (key.t > 0
        && decision(key, times.byEvents()) != 0
        && decision(key, times.byEvents()) <= arrival) {
      decideAll(key);
    }
    long deadline = isDecided(key) ? 0 : key.future.deadline;
    if (key.t == 0) {
      out.add(token.key() + " started");
      key.future = new Future();
    }
    Future future = key.future;
    future.tokens.add(token);
    future.inputs.add(x);
    key.t++;
    key.made = steps.maker();
    key.x = x;
    key.stepTime = steps.ofWords() ? 0 : token.timestamp();
    String after = steps.endsAfter(token, key.t);
    if (after != null) {
      future.cuts.add(future.tokens.size() - 1);
    }
    long delay = (long) future().layers() * setup.sequence().lookAhead().tokens();
    long decided = after != null ? key.t : Math.max(future.decided, key.t - delay);
    decide(key, (int) decided);
    if (!future.isDecided() && setup.output().provisional()) {
      List<float[]> all = outputs(future);
      out.add(prediction(key, future.tokens.size() - 1, all, false));
    }
    long next = times.byEvents() ? token.timestamp() : now;
    future.deadline = times.decision(next);
    if (times.byEvents() && deadline != 0) {
      future.deadline = Math.max(future.deadline, deadline);
    }
    future.inEventTime = times.byEvents();
    long expires = times.expiry(moment);
    key.expires = times.byEvents() && key.t > 1 ? Math.max(expires, key.expires) : expires;
    key.recordTime = setup.output().ends() ? token.source().timestamp() : 0;
    if (after != null) {
      end(key, after);
    }
  }

  private SimulatedFuture future() {
    return futures.get(setup.model() - SimulatedHistory.ONE_WAY);
  }

  private List<float[]> outputs(Future future) {
    int look = setup.sequence().lookAhead().tokens();
    return future().outputs(future.inputs, future.ends(), look);
  }

  /** Decides the undecided tokens with the future that is there. */
  private void decideAll(SimulatedKey key) {
    key.future.cuts.add(key.future.tokens.size() - 1);
    decide(key, key.future.tokens.size());
  }

  private void decide(SimulatedKey key, int count) {
    Future future = key.future;
    if (count == future.decided) {
      return;
    }
    List<float[]> all = outputs(future);
    Emit.When when = setup.output().emit().when();
    for (int i = future.decided; i < count; i++) {
      String prediction = prediction(key, i, all, true);
      if (when == Emit.When.LAST) {
        key.last = prediction;
      } else if (steps.isEmitted(when, future.lastOutput, all.get(i))) {
        out.add(prediction);
      }
      future.lastOutput = all.get(i);
    }
    future.decided = count;
  }

  private String prediction(SimulatedKey key, int at, List<float[]> all, boolean isFinal) {
    Token token = key.future.tokens.get(at);
    Boolean told = setup.output().provisional() ? (Boolean) isFinal : null;
    return steps.prediction(key.name, at + 1, token.token(), all.get(at), false, told, token);
  }

  private void emitLast(SimulatedKey key) {
    boolean lastOnly = setup.output().emit().when() == Emit.When.LAST;
    if (lastOnly && key.last != null) {
      out.add(key.last);
      key.last = null;
    }
  }

  private void end(SimulatedKey key, String why) {
    if (!isDecided(key)) {
      decideAll(key);
    }
    emitLast(key);
    out.add(
        key.name
            + " ended "
            + key.t
            + " "
            + why
            + (setup.output().ends() ? " told " + key.recordTime : ""));
    key.a = null;
    key.x = null;
    key.stepTime = 0;
    key.t = 0;
    key.made = null;
    key.expires = 0;
    key.recordTime = 0;
    key.last = null;
    key.future = null;
  }

  private void reject(Token token, Reason reason) {
    out.add(token.key() + " rejected " + reason.text() + " " + token.token() + " " + token.seq());
  }
}
