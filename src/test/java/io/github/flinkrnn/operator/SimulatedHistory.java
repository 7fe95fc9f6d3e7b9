package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What happens to an operator from its start to the end of its stream, drawn from a seed: tokens in
 * and out of order, time, checkpoints, failures, restarts with other options.
 *
 * @param seed the seed
 * @param setup the setup of the first start
 * @param events the events in their order
 */
record SimulatedHistory(long seed, Setup setup, List<Event> events) {
  /**
   * The number of models to choose from, none of which can use the states of another. The first two
   * are of words, the next two of fields. The last two are bidirectional, one of words and one of
   * fields.
   */
  static final int MODELS = 6;

  /** The number of models that read from left to right, which come first. */
  static final int ONE_WAY = 4;

  /** The number of models of words, which come first. */
  static final int OF_WORDS = 2;

  private static final List<String> WORDS = List.of("the", "cat", "sat", "down");
  private static final List<OrderOptions.By> ORDERS = List.of(OrderOptions.By.values());
  private static final List<OnGap> GAPS = List.of(OnGap.values());
  private static final int[] LOOKS = {0, 1, 1, 2, 2, 3, LookAhead.END};
  private static final int[] BATCHES = {1, 2, 3, 7, 32, 64};
  private static final long EPOCH = 1_800_000_000_000L;
  private static final Set<OutputField> FIELDS =
      EnumSet.of(
          OutputField.TOKEN,
          OutputField.LABEL,
          OutputField.PREDICTION,
          OutputField.HIDDEN,
          OutputField.SEQ,
          OutputField.TIMESTAMP);

  /**
   * The options and the model of a start.
   *
   * @param cache bytes for states above a store that serializes them
   */
  record Setup(
      SequenceOptions sequence, OutputOptions output, BatchOptions batch, long cache, int model) {
    /** Whether processing time decides anything but when a batch is computed. */
    boolean asksTheClock() {
      boolean idles = !sequence.idleTimeout().isZero() && !sequence.idleInEventTime();
      boolean decides =
          sequence.lookAhead() != null
              && !sequence.lookAhead().timeout().isZero()
              && !sequence.idleInEventTime();
      return idles || decides || sequence.order().by() == OrderOptions.By.SEQ;
    }
  }

  /** An event of a history. */
  sealed interface Event {}

  /**
   * A token arrives.
   *
   * @param more whether the next token is ready, so that the operator may wait for it
   */
  record Arrival(Token token, boolean more) implements Event {}

  /** Processing time advances by this many milliseconds. */
  record Passing(long millis) implements Event {}

  /** Event time advances to this time. */
  record Watermark(long time) implements Event {}

  /** A checkpoint is taken. */
  record Checkpoint() implements Event {}

  /** Everything after the last checkpoint is undone and repeated, with this number of subtasks. */
  record Failure(int parallelism) implements Event {}

  /** The job is stopped with a savepoint and restarted from it. */
  record Restart(Setup setup, int parallelism, boolean otherBackend) implements Event {}

  static SimulatedHistory of(long seed) {
    return new Drawing(seed).history();
  }

  /** Draws one history. */
  private static final class Drawing {
    private final long seed;
    private final Random random;
    private final Random erasures;
    private final Random futures;
    private final int look; // how far bidirectional models look ahead
    private final List<Event> events = new ArrayList<>();
    private final List<Token> underway = new ArrayList<>();
    private final List<Token> sent = new ArrayList<>();
    private long[] nextSeq;
    private long eventTime = EPOCH;
    private long watermark = Long.MIN_VALUE;

    Drawing(long seed) {
      this.seed = seed;
      random = new Random(seed);
      erasures = new Random(~seed); // the histories without tombstones stay the same
      futures = new Random(seed * 31 + 17); // as do those without bidirectional models
      look = LOOKS[futures.nextInt(LOOKS.length)];
    }

    private boolean oneIn(int n) {
      return random.nextInt(n) == 0;
    }

    SimulatedHistory history() {
      Setup first = setup(null);
      int keys = oneIn(6) ? 12 : 1 + random.nextInt(3);
      nextSeq = new long[keys];
      for (int key = 0; key < keys; key++) {
        nextSeq[key] = oneIn(3) ? 5 : random.nextInt(2);
      }
      int disorder = oneIn(3) ? 1 : 1 + random.nextInt(5);
      int length = 4 + random.nextInt(oneIn(4) ? 80 : 28);
      Setup setup = first;
      for (int i = 0; i < length; i++) {
        int kind = random.nextInt(100);
        if (kind < 70) {
          arrive(keys, disorder);
        } else if (kind < 80) {
          events.add(new Passing(random.nextInt(oneIn(3) ? 400 : 40)));
        } else if (kind < 88) {
          watermark();
        } else if (kind < 93) {
          events.add(new Checkpoint());
        } else if (kind < 97) {
          events.add(new Failure(parallelism()));
        } else {
          setup = oneIn(2) ? setup(setup) : setup;
          events.add(new Restart(setup, parallelism(), oneIn(2)));
        }
      }
      for (Token left : underway) {
        events.add(new Arrival(left, oneIn(2)));
      }
      return new SimulatedHistory(seed, first, List.copyOf(events));
    }

    private int parallelism() {
      return 1 + random.nextInt(oneIn(2) ? 2 : 5);
    }

    private void watermark() {
      watermark = Math.max(watermark, eventTime - random.nextInt(120));
      events.add(new Watermark(watermark));
    }

    private void arrive(int keys, int disorder) {
      if (erasures.nextInt(24) == 0) {
        Token tombstone = Token.tombstone("k" + erasures.nextInt(keys));
        events.add(new Arrival(tombstone, erasures.nextBoolean()));
      }
      while (underway.size() < disorder) {
        underway.add(token(oneIn(3) ? 0 : random.nextInt(keys)));
      }
      Token next = underway.remove(random.nextInt(underway.size()));
      if (oneIn(25)) {
        return; // lost
      }
      if (!sent.isEmpty() && oneIn(12)) {
        next = sent.get(random.nextInt(sent.size())); // repeated
      }
      sent.add(next);
      events.add(new Arrival(next, !oneIn(3)));
    }

    private Token token(int key) {
      eventTime += random.nextInt(oneIn(8) ? 300 : 30);
      long seq = nextSeq[key]++;
      boolean start = oneIn(16);
      if (start && oneIn(3)) {
        nextSeq[key] = 1;
        seq = 0;
      }
      String word = oneIn(30) ? "zebra" : WORDS.get(random.nextInt(WORDS.size()));
      return new Token(
          "k" + key,
          word,
          null,
          values(word),
          oneIn(40) ? null : (Long) seq,
          oneIn(40) ? null : (Long) (eventTime - random.nextInt(60)),
          start,
          oneIn(12),
          oneIn(16),
          null,
          new SourceRecord(null, null, 0, EPOCH + seq, null));
    }

    /** What a model of fields reads; one of words ignores it. */
    private FieldValues values(String word) {
      Map<String, Object> values = new HashMap<>();
      values.put("word", oneIn(30) ? null : word);
      values.put("amount", oneIn(5) ? null : oneIn(40) ? (Object) "12" : random.nextInt(100) / 4.0);
      values.put("segment", oneIn(3) ? (Object) random.nextInt(3) : null);
      values.put(
          "probe",
          oneIn(6)
              ? new double[] {Double.NaN, random.nextInt(9)}
              : new double[] {random.nextInt(9), random.nextInt(9)});
      return FieldValues.of(values);
    }

    private Setup setup(Setup before) {
      OrderOptions.By by = ORDERS.get(random.nextInt(3));
      boolean idles = !oneIn(3);
      boolean inEventTime = idles && oneIn(2);
      long timeout = 160L * (1 + random.nextInt(3));
      if (before != null && oneIn(2)) { // the same kind of setup, so that state stays usable
        by = before.sequence().order().by();
        idles = !before.sequence().idleTimeout().isZero();
        inEventTime = idles && before.sequence().idleInEventTime();
      }
      OrderOptions order = OrderOptions.of(by);
      if (by == OrderOptions.By.SEQ) {
        order = order.withGaps(GAPS.get(random.nextInt(3)));
        order = oneIn(3) ? order.from(random.nextInt(2)) : order;
      }
      order =
          order.withWaiting(
              Duration.ofMillis(20 + random.nextInt(100)), oneIn(2) ? 1000 : 1 + random.nextInt(4));
      order = oneIn(2) ? order.withoutDuplicates() : order;
      SequenceOptions sequence =
          SequenceOptions.DEFAULT
              .withOrder(order)
              .withIdleTimeout(Duration.ofMillis(idles ? timeout : 0), inEventTime)
              .withMaxLength(oneIn(4) ? 1 + random.nextInt(4) : 0)
              .withTokens(oneIn(4) ? "the" : null, oneIn(4) ? "down" : null)
              .withWindow(oneIn(6) ? 2 : 0);
      int model = random.nextInt(ONE_WAY);
      if (futures.nextInt(3) == 0) {
        model = ONE_WAY + futures.nextInt(MODELS - ONE_WAY);
      }
      if (before != null && oneIn(2)) {
        model = before.model();
      }
      if (model >= OF_WORDS && model != ONE_WAY) {
        sequence = sequence.withTokens(null, null); // these are words of a model of words
      }
      Emit emit =
          switch (random.nextInt(6)) {
            case 0, 1 -> Emit.of(Emit.When.LAST);
            case 2 -> Emit.of(Emit.When.CHANGE);
            case 3 -> Emit.above(Emit.When.ABOVE, 0.6);
            default -> Emit.EACH;
          };
      OutputOptions output = OutputOptions.DEFAULT.withFields(FIELDS).withEmit(emit);
      output = oneIn(3) ? output.withTopK(1) : output;
      output = oneIn(2) ? output.withEnds() : output;
      if (model >= ONE_WAY) {
        sequence = lookingAhead(sequence);
        output = futures.nextInt(2) == 0 ? output.withProvisional() : output;
      } else if (oneIn(8)) {
        sequence = sequence.withGeneration(new Generation("down", 3, 0, 0));
      }
      int size = BATCHES[random.nextInt(BATCHES.length)];
      BatchOptions batch = new BatchOptions(size, Duration.ofMillis(1 + random.nextInt(40)));
      long cache = oneIn(3) ? 0 : 400L << random.nextInt(6); // one or two keys, up to all of them
      return new Setup(sequence, output, batch, cache, model);
    }

    private SequenceOptions lookingAhead(SequenceOptions sequence) {
      SequenceOptions bounded = sequence.withWindow(0);
      if (look == LookAhead.END && sequence.maxLength() == 0) {
        bounded = bounded.withMaxLength(1 + futures.nextInt(8));
      }
      long timeout = futures.nextInt(3) == 0 ? 0 : 16L * (1 + futures.nextInt(10));
      boolean inEventTime = futures.nextBoolean();
      LookAhead ahead = new LookAhead(look, Duration.ofMillis(timeout));
      if (timeout > 0 && sequence.idleTimeout().isZero() && inEventTime) {
        return bounded.withLookAhead(ahead).withIdleTimeout(Duration.ZERO, true);
      }
      return bounded.withLookAhead(ahead);
    }
  }

  /** The history for people to read: one line per event. */
  String text() {
    StringBuilder text = new StringBuilder("seed " + seed + "\n" + setup + "\n");
    for (Event event : events) {
      text.append("  ");
      if (event instanceof Arrival arrival) {
        Token token = arrival.token();
        text.append(token.key()).append(token.tombstone() ? " tombstone " : " ");
        text.append(token.token());
        text.append(' ').append(token.values());
        text.append(" seq ").append(token.seq()).append(" time ").append(token.timestamp());
        text.append(token.start() ? " start" : "").append(token.end() ? " end" : "");
        text.append(token.generate() ? " generate" : "");
        text.append(arrival.more() ? ", more" : "");
      } else {
        text.append(event);
      }
      text.append('\n');
    }
    return text.toString();
  }
}
