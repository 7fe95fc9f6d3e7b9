package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A savepoint of the operator with batches fits Flink's own operator around the same function, and
 * the other way round: with timers and with waiting tokens.
 */
class BatchSavepointTest {
  private static final Duration IDLE = Duration.ofMillis(1600);

  @TempDir private Path directory;
  private RnnFunction<String, Token, Prediction> recurrence;

  @BeforeEach
  void writeModel() throws Exception {
    recurrence =
        RnnFunction.of(ModelDirectory.words(directory).toString())
            .with(OnRejected.SIDE_OUTPUT)
            .with(new BatchOptions(4, Duration.ofMinutes(1)));
  }

  /** Either operator, restored at a processing time. */
  private static RnnHarness open(
      RnnFunction<String, Token, Prediction> function,
      boolean batches,
      OperatorSubtaskState snapshot,
      long now)
      throws Exception {
    return batches
        ? RnnHarness.restore(function, snapshot, now)
        : RnnHarness.restorePlain(function, snapshot, now);
  }

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (By by : By.values()) {
      for (boolean idleInEventTime : new boolean[] {false, true}) {
        for (Emit.When when : new Emit.When[] {Emit.When.EACH, Emit.When.LAST}) {
          ways.add(Arguments.of(by, idleInEventTime, when));
        }
      }
    }
    return ways.stream();
  }

  private RnnFunction<String, Token, Prediction> function(
      By by, boolean idleInEventTime, Emit.When when) {
    OrderOptions order =
        by == By.ARRIVAL
            ? OrderOptions.ARRIVAL
            : OrderOptions.of(by).withWaiting(Duration.ofMillis(700), 20);
    OutputOptions output =
        OutputOptions.DEFAULT
            .withFields(
                List.of(
                    OutputField.HIDDEN, OutputField.LOGITS, OutputField.SEQ, OutputField.TIMESTAMP))
            .withEmit(Emit.of(when))
            .withEnds();
    return recurrence
        .with(SequenceOptions.DEFAULT.withOrder(order).withIdleTimeout(IDLE, idleInEventTime))
        .with(output);
  }

  /** Tokens out of order, some of which wait at each snapshot. */
  private static List<Token> tokens() {
    Random random = new Random(9);
    List<Token> sent = Arrivals.withHoles(Arrivals.inOrder(6, 30, random), 30, random);
    return Arrivals.shuffled(sent, 25, random);
  }

  /** The output for each key, whether each operator in turn has batches or not. */
  private static Map<String, List<String>> run(
      RnnFunction<String, Token, Prediction> function, boolean... batches) throws Exception {
    List<Token> tokens = tokens();
    Map<String, List<String>> outputs = new TreeMap<>();
    List<String> left = new ArrayList<>();
    OperatorSubtaskState snapshot = null;
    long now = 1000;
    long latest = 0;
    for (int part = 0; part < batches.length; part++) {
      int from = part * tokens.size() / batches.length;
      int to = (part + 1) * tokens.size() / batches.length;
      try (RnnHarness harness = open(function, batches[part], snapshot, now)) {
        for (int i = from; i < to; i++) {
          harness.arrive(tokens.get(i));
          latest = Math.max(latest, tokens.get(i).timestamp());
          if (i % 7 == 0) {
            harness.idle();
            now += 90;
            harness.time(now);
            harness.watermark(latest - 3000);
          }
        }
        snapshot = part % 2 == 0 ? harness.snapshot() : harness.savepoint();
        left.add(harness.entries() + " entries, " + harness.timers() + " " + harness.eventTimers());
        if (part == batches.length - 1) {
          harness.time(now + 10_000);
          harness.endOfInput();
          left.add(
              harness.entries() + " entries, " + harness.timers() + " " + harness.eventTimers());
        }
        for (Prediction prediction : harness.all()) {
          add(outputs, "predictions of " + prediction.key(), prediction.toString());
        }
        for (String end : harness.ended()) {
          add(outputs, "ends of " + end.substring(0, 2), end);
        }
        harness.rejected().forEach(record -> add(outputs, "rejected", record.detail()));
      }
    }
    outputs.put("left", left);
    return outputs;
  }

  private static void add(Map<String, List<String>> outputs, String key, String output) {
    outputs.computeIfAbsent(key, k -> new ArrayList<>()).add(output);
  }

  private static List<String> sorted(List<String> list) {
    return list == null ? List.of() : list.stream().sorted().toList();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void goesBothWays(By by, boolean idleInEventTime, Emit.When when) throws Exception {
    RnnFunction<String, Token, Prediction> function = function(by, idleInEventTime, when);
    Map<String, List<String>> expected = run(function, false, false, false, false);
    assertThat(expected.get("predictions of k0"))
        .hasSizeGreaterThan(when == Emit.When.LAST ? 1 : 15);
    boolean[][] ways = {
      {true, true, true, true}, {true, false, true, false}, {false, true, false, true}
    };
    for (boolean[] way : ways) {
      Map<String, List<String>> found = run(function, way);
      assertThat(sorted(found.remove("rejected"))).isEqualTo(sorted(expected.get("rejected")));
      Map<String, List<String>> others = new TreeMap<>(expected);
      others.remove("rejected"); // of several keys
      assertThat(found).isEqualTo(others);
    }
  }

  /** The timer of an idle key fires after the restore. */
  @Test
  void anIdleTimeoutGoesOn() throws Exception {
    RnnFunction<String, Token, Prediction> function = function(By.ARRIVAL, false, Emit.When.EACH);
    for (boolean batches : new boolean[] {true, false}) {
      OperatorSubtaskState snapshot;
      try (RnnHarness before = open(function, batches, null, 0)) {
        before.arrive(Token.of("a", "cat"));
        before.arrive(Token.of("b", "sat"));
        before.arrive(Token.of("a", "the"));
        snapshot = before.snapshot();
        assertThat(before.all()).hasSize(3);
      }
      try (RnnHarness after = open(function, !batches, snapshot, 1599)) {
        assertThat(after.timers()).isEqualTo(2);
        assertThat(after.entries()).isEqualTo(2);
        after.time(1600);
        assertThat(after.ended()).containsExactlyInAnyOrder("a 2 idle-timeout", "b 1 idle-timeout");
        assertThat(after.timers()).isZero();
        assertThat(after.entries()).isZero();
      }
    }
  }

  /** Tokens that wait for a smaller number, or for the watermark, are taken after the restore. */
  @Test
  void waitingTokensAreTaken() throws Exception {
    for (By by : new By[] {By.SEQ, By.TIMESTAMP}) {
      RnnFunction<String, Token, Prediction> function = function(by, false, Emit.When.EACH);
      for (boolean batches : new boolean[] {true, false}) {
        OperatorSubtaskState snapshot;
        try (RnnHarness before = open(function, batches, null, 0)) {
          for (String key : new String[] {"a", "b", "c"}) {
            before.arrive(Token.of(key, "cat").first().at(1).atTime(10));
            before.arrive(Token.of(key, "sat").at(4).atTime(40));
            before.arrive(Token.of(key, "down").at(3).atTime(30));
          }
          before.idle();
          before.watermark(15);
          snapshot = before.savepoint();
          assertThat(before.all()).extracting(Prediction::seq).containsExactly(1L, 1L, 1L);
        }
        try (RnnHarness after = open(function, !batches, snapshot, 5)) {
          after.watermark(15);
          for (String key : new String[] {"a", "b", "c"}) {
            assertThat(after.waiting(key)).isEqualTo(2);
            after.arrive(Token.of(key, "the").at(2).atTime(20));
          }
          after.idle();
          after.watermark(50);
          for (String key : new String[] {"a", "b", "c"}) {
            assertThat(after.all().stream().filter(step -> step.key().equals(key)))
                .extracting(Prediction::seq)
                .containsExactly(2L, 3L, 4L);
            assertThat(after.waiting(key)).isZero();
          }
        }
      }
    }
  }
}
