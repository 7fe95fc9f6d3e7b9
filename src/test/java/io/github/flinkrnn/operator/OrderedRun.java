package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/**
 * The operator in several subtasks. Now and then it is restored from a snapshot at another
 * parallelism, as after a failure: the output after the snapshot is discarded, and its tokens are
 * processed again.
 */
final class OrderedRun {
  private static final int BETWEEN_SNAPSHOTS = 60;

  private final RnnFunction<String, Token, Prediction> function;
  private final Random random;
  private List<RnnHarness> subtasks = new ArrayList<>();
  private final List<StepBits> steps = new ArrayList<>();
  private final List<Token> since = new ArrayList<>(); // since the last snapshot
  private long now;
  private long watermark = Long.MIN_VALUE;
  private int rejected;
  private long duplicates;
  private int restores;

  OrderedRun(RnnFunction<String, Token, Prediction> function, int parallelism, Random random)
      throws Exception {
    this.function = function;
    this.random = random;
    for (int i = 0; i < parallelism; i++) {
      subtasks.add(RnnHarness.restore(function, null, 0, parallelism, i));
    }
  }

  void process(Token token) throws Exception {
    of(token).process(token);
    since.add(token);
    if (since.size() == BETWEEN_SNAPSHOTS) {
      failAndRestore();
    }
  }

  /** Advances event time in all subtasks. */
  void watermark(long time) throws Exception {
    watermark = time;
    for (RnnHarness subtask : subtasks) {
      subtask.watermark(time);
    }
  }

  void time(long moment) throws Exception {
    now = moment;
    for (RnnHarness subtask : subtasks) {
      subtask.time(moment);
    }
  }

  private RnnHarness of(Token token) {
    return subtasks.get(
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            token.key(), RnnHarness.MAX_PARALLELISM, subtasks.size()));
  }

  /** Takes a snapshot, processes half as many tokens in vain, and continues from the snapshot. */
  private void failAndRestore() throws Exception {
    List<OperatorSubtaskState> parts = new ArrayList<>();
    for (RnnHarness subtask : subtasks) {
      keep(subtask);
      parts.add(subtask.snapshot());
    }
    for (Token lost : since.subList(0, since.size() / 2)) {
      of(lost).process(lost); // after the checkpoint, so this output is discarded
    }
    OperatorSubtaskState all =
        AbstractStreamOperatorTestHarness.repackageState(
            parts.toArray(OperatorSubtaskState[]::new));
    int before = subtasks.size();
    int after = 1 + random.nextInt(4);
    List<RnnHarness> restored = new ArrayList<>();
    for (int i = 0; i < after; i++) {
      OperatorSubtaskState part = RnnHarness.part(all, before, after, i);
      RnnHarness harness = RnnHarness.restore(function, part, now, after, i);
      if (watermark > Long.MIN_VALUE) {
        harness.watermark(watermark);
      }
      restored.add(harness);
    }
    for (RnnHarness subtask : subtasks) {
      subtask.close();
    }
    subtasks = restored;
    since.clear();
    restores++;
  }

  private void keep(RnnHarness subtask) {
    for (Prediction prediction : subtask.all()) {
      steps.add(StepBits.of(prediction));
    }
    rejected += subtask.rejected().size();
    duplicates += subtask.metrics().count("duplicates");
  }

  /** The output that was not discarded, in the order of each key. Call it once. */
  List<StepBits> steps() {
    subtasks.forEach(this::keep);
    return steps;
  }

  /** Call it after {@link #steps}. */
  int rejected() {
    return rejected;
  }

  /** Call it after {@link #steps}. */
  long duplicates() {
    return duplicates;
  }

  int restores() {
    return restores;
  }

  int entries() {
    return subtasks.stream().mapToInt(RnnHarness::entries).sum();
  }

  void close() throws Exception {
    for (RnnHarness subtask : subtasks) {
      subtask.close();
    }
  }

  static Map<String, List<StepBits>> byKey(List<StepBits> steps) {
    Map<String, List<StepBits>> byKey = new LinkedHashMap<>();
    for (StepBits step : steps) {
      byKey.computeIfAbsent(step.key(), key -> new ArrayList<>()).add(step);
    }
    return byKey;
  }
}
