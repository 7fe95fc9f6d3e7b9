package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;

/**
 * Seeded tokens through batches of some size, and through batches of another size after a restore
 * in the middle. Now and then the task is idle and time passes, at the same tokens whatever the
 * size.
 */
final class BatchRun {
  /** Longer than a run, so that only a seeded moment ends a wait. */
  private static final Duration LONG = Duration.ofMinutes(1);

  private static final List<String> COUNTS =
      List.of("steps", "sequencesStarted", "sequencesEnded", "sequencesExpired");

  /**
   * What must not depend on the size.
   *
   * @param ended by key, because timers of different keys may fire in any order
   * @param left entries of state and timers, whenever the task was idle
   */
  record Outcome(
      List<Prediction> predictions,
      List<String> rejected,
      Map<String, List<String>> ended,
      List<String> left,
      List<Long> counts) {
    /** The same, with the predictions of a key beside each other. */
    Outcome byKey() {
      List<Prediction> sorted =
          predictions.stream().sorted(Comparator.comparing(Prediction::key)).toList();
      return new Outcome(sorted, rejected, ended, left, counts);
    }
  }

  private final RnnFunction<String, Token, Prediction> function;
  private final boolean rocksDb;
  private final List<Prediction> predictions = new ArrayList<>();
  private final List<String> rejected = new ArrayList<>();
  private final Map<String, List<String>> ended = new TreeMap<>();
  private final List<String> left = new ArrayList<>();
  private final long[] counts = new long[COUNTS.size()];
  private final Random random = new Random(7);
  private long now = 1_000_000;
  private long largest;

  private BatchRun(RnnFunction<String, Token, Prediction> function, boolean rocksDb) {
    this.function = function;
    this.rocksDb = rocksDb;
  }

  /**
   * Runs the tokens.
   *
   * @param first the size of the batches
   * @param second the same for the second half
   */
  static Outcome run(
      RnnFunction<String, Token, Prediction> function,
      List<Token> tokens,
      int first,
      int second,
      boolean rocksDb)
      throws Exception {
    BatchRun run = new BatchRun(function, rocksDb);
    int half = tokens.size() / 2;
    OperatorSubtaskState snapshot;
    try (RnnHarness harness = run.open(first, null)) {
      run.process(harness, tokens.subList(0, half));
      snapshot = harness.snapshot();
      run.keep(harness);
      // Lost: these come after the snapshot.
      run.process(harness, tokens.subList(half, half + half / 2));
    }
    run.random.setSeed(8);
    try (RnnHarness harness = run.open(second, snapshot)) {
      run.process(harness, tokens.subList(half, tokens.size()));
      harness.endOfInput();
      run.leave(harness);
      run.keep(harness);
    }
    if (Math.min(first, second) > 3 && run.largest < 2) { // one in 16 batches is measured
      throw new AssertionError("no steps were computed together");
    }
    return new Outcome(
        run.predictions,
        run.rejected,
        run.ended,
        run.left,
        Arrays.stream(run.counts).boxed().toList());
  }

  private RnnHarness open(int size, OperatorSubtaskState snapshot) throws Exception {
    BatchOptions batches = new BatchOptions(size, LONG);
    return RnnHarness.restore(function.with(batches), snapshot, now, 1, 0, rocksDb);
  }

  private void process(RnnHarness harness, List<Token> some) throws Exception {
    int untilIdle = 20;
    for (Token token : some) {
      harness.arrive(token);
      if (untilIdle-- == 0) {
        untilIdle = random.nextInt(random.nextBoolean() ? 10 : 150);
        harness.idle();
        now += random.nextInt(1200);
        harness.time(now);
        leave(harness);
      }
    }
    harness.barrier();
    leave(harness);
  }

  private void leave(RnnHarness harness) {
    left.add(
        harness.keys("sequence").size() + " " + harness.timers() + " " + harness.eventTimers());
  }

  /** Keeps what came out so far. */
  private void keep(RnnHarness harness) {
    predictions.addAll(harness.all());
    for (RejectedRecord record : harness.rejected()) {
      String key = new String(record.record().key(), StandardCharsets.UTF_8);
      String value = new String(record.record().value(), StandardCharsets.UTF_8);
      rejected.add(key + " " + record.reason() + " " + record.detail() + " " + value);
    }
    for (String end : harness.ended()) {
      String key = end.substring(0, end.indexOf(' '));
      ended.computeIfAbsent(key, k -> new ArrayList<>()).add(end);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += harness.metrics().count(COUNTS.get(i));
    }
    for (long size : harness.metrics().values("batchSteps")) {
      largest = Math.max(largest, size);
    }
  }

  /**
   * Tokens of some keys, of which one in two is of the first key, one in four of the second, and so
   * on. Some begin or end a sequence.
   *
   * @param next makes a token, whatever its key
   */
  static List<Token> tokens(int count, int keys, Random random, Supplier<Token> next) {
    double harmonic = 0;
    for (int k = 1; k <= keys; k++) {
      harmonic += 1.0 / k;
    }
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double left = random.nextDouble() * harmonic; // Zipf's law
      int k = 1;
      while (k < keys && (left -= 1.0 / k) > 0) {
        k++;
      }
      Token token = next.get().withKey("k" + k);
      int end = random.nextInt(50);
      tokens.add(end == 0 ? token.first() : end == 1 ? token.last() : token);
    }
    return tokens;
  }

  /** Random words or features of a model. */
  static Supplier<Token> randomly(RnnModel model, Random random) {
    if (model.input() instanceof ModelInput.Words words) {
      int known = words.vocabulary().size();
      return () -> Token.of("", words.vocabulary().word(random.nextInt(known)));
    }
    int size = model.input().size();
    return () -> {
      float[] features = new float[size];
      for (int i = 0; i < size; i++) {
        features[i] = (float) random.nextGaussian();
      }
      return Token.of("", features);
    };
  }
}
