package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/** All subtasks of the recurrence, each with its own keys. */
final class Subtasks implements AutoCloseable {
  private final List<RnnHarness> all = new ArrayList<>();

  static Subtasks open(RnnFunction<String, Token, Prediction> recurrence, int parallelism)
      throws Exception {
    return restore(recurrence, null, 0, parallelism);
  }

  /**
   * @param snapshot the snapshot of all {@code from} subtasks; null for none
   */
  static Subtasks restore(
      RnnFunction<String, Token, Prediction> recurrence,
      OperatorSubtaskState snapshot,
      int from,
      int to)
      throws Exception {
    Subtasks subtasks = new Subtasks();
    for (int subtask = 0; subtask < to; subtask++) {
      OperatorSubtaskState part =
          snapshot == null ? null : RnnHarness.part(snapshot, from, to, subtask);
      subtasks.all.add(RnnHarness.restore(recurrence, part, 0, to, subtask));
    }
    return subtasks;
  }

  void process(List<Token> tokens) throws Exception {
    for (Token token : tokens) {
      int subtask =
          KeyGroupRangeAssignment.assignKeyToParallelOperator(
              token.key(), RnnHarness.MAX_PARALLELISM, all.size());
      all.get(subtask).process(token);
    }
  }

  void endOfInput() throws Exception {
    for (RnnHarness subtask : all) {
      subtask.endOfInput();
    }
  }

  OperatorSubtaskState snapshot() throws Exception {
    OperatorSubtaskState[] snapshots = new OperatorSubtaskState[all.size()];
    for (int subtask = 0; subtask < snapshots.length; subtask++) {
      snapshots[subtask] = all.get(subtask).snapshot();
    }
    return AbstractStreamOperatorTestHarness.repackageState(snapshots);
  }

  /** Adds the output so far to that of before, by key. */
  <T> void addTo(Map<String, List<T>> byKey, Function<Prediction, T> as) {
    for (RnnHarness subtask : all) {
      for (Prediction each : subtask.all()) {
        byKey.computeIfAbsent(each.key(), key -> new ArrayList<>()).add(as.apply(each));
      }
    }
  }

  /** The output so far, by key. */
  <T> Map<String, List<T>> byKey(Function<Prediction, T> as) {
    Map<String, List<T>> byKey = new TreeMap<>();
    addTo(byKey, as);
    return byKey;
  }

  /** The sum of a number over all subtasks, for example {@code RnnHarness::entries}. */
  int sum(ToIntFunction<RnnHarness> number) {
    return all.stream().mapToInt(number).sum();
  }

  @Override
  public void close() throws IOException {
    for (RnnHarness subtask : all) {
      subtask.close();
    }
  }
}
