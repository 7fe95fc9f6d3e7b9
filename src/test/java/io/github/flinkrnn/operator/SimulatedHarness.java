package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;

/**
 * The complete operator in Flink's test harness, in any number of subtasks. Predictions, rejected
 * tokens and ends are separate outputs, so their order is known only within each output. Only the
 * number of timers is known.
 */
class SimulatedHarness implements Simulated {
  private final Simulation simulation;
  private final boolean changesBackend;
  private boolean rocksDb;
  private List<RnnHarness> subtasks = new ArrayList<>();
  private List<int[]> seen = new ArrayList<>(); // for each subtask: predictions, rejected, ends

  /**
   * @param rocksDb whether to begin on RocksDB, and to change between RocksDB and the heap if a
   *     history says so; otherwise the state is always on the heap
   */
  SimulatedHarness(Simulation simulation, boolean rocksDb) {
    this.simulation = simulation;
    this.rocksDb = rocksDb;
    changesBackend = rocksDb;
  }

  /** A snapshot of all subtasks. */
  private record Snapshot(OperatorSubtaskState all, int parallelism) {}

  @Override
  public void start(Setup setup, Object kept, int parallelism, boolean otherBackend, long now)
      throws Exception {
    closeAll();
    rocksDb ^= otherBackend && changesBackend;
    Snapshot from = (Snapshot) kept;
    for (int i = 0; i < parallelism; i++) {
      OperatorSubtaskState part =
          from == null ? null : RnnHarness.part(from.all(), from.parallelism(), parallelism, i);
      subtasks.add(
          RnnHarness.restore(simulation.function(setup), part, now, parallelism, i, rocksDb));
      seen.add(new int[3]);
    }
  }

  @Override
  public void arrive(Token token) throws Exception {
    subtasks.get(RnnHarness.subtask(token.key(), subtasks.size())).arrive(token);
  }

  @Override
  public void idle() throws Exception {
    for (RnnHarness subtask : subtasks) {
      subtask.idle();
    }
  }

  @Override
  public void clock(long now) throws Exception {
    for (RnnHarness subtask : subtasks) {
      subtask.time(now);
    }
  }

  @Override
  public void watermark(long time) throws Exception {
    for (RnnHarness subtask : subtasks) {
      subtask.watermark(time);
    }
  }

  @Override
  public Object snapshot(boolean canonical) throws Exception {
    OperatorSubtaskState[] parts = new OperatorSubtaskState[subtasks.size()];
    for (int i = 0; i < parts.length; i++) {
      barrier(subtasks.get(i));
      parts[i] = subtasks.get(i).snapshotAfterBarrier(canonical);
    }
    return new Snapshot(AbstractStreamOperatorTestHarness.repackageState(parts), parts.length);
  }

  /** A barrier comes to a subtask. */
  void barrier(RnnHarness subtask) throws Exception {
    subtask.barrier();
  }

  @Override
  public List<String> takeOutput() {
    List<String> predictions = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < subtasks.size(); i++) {
      int[] before = seen.get(i);
      List<Prediction> all = subtasks.get(i).all();
      all.subList(before[0], all.size()).forEach(each -> predictions.add(Simulation.text(each)));
      List<RejectedRecord> letters = subtasks.get(i).rejected();
      letters
          .subList(before[1], letters.size())
          .forEach(each -> rejected.add(Simulation.rejected(each)));
      List<SequenceEnd> ended = subtasks.get(i).sequenceEnds();
      ended
          .subList(before[2], ended.size())
          .forEach(
              end ->
                  ends.add(
                      Simulation.ended(
                          end.key(),
                          end.t(),
                          end.why(),
                          true,
                          end.time() == null ? 0 : end.time())));
      seen.set(i, new int[] {all.size(), letters.size(), ended.size()});
    }
    predictions.addAll(rejected);
    predictions.addAll(ends);
    return predictions;
  }

  @Override
  public List<String> output(List<String> reference) {
    List<String> all = new ArrayList<>();
    reference.stream().filter(SimulatedHarness::isPrediction).forEach(all::add);
    reference.stream().filter(line -> line.contains(" rejected ")).forEach(all::add);
    reference.stream().filter(line -> line.contains(" told ")).forEach(all::add);
    return all;
  }

  private static boolean isPrediction(String line) {
    return line.contains(" [");
  }

  @Override
  public List<String> kept() throws IOException {
    return keys(RnnFunction.stateDescriptor().getName());
  }

  @Override
  public List<String> waiting(By by) throws IOException {
    return keys(by == By.SEQ ? "waiting-by-number" : "waiting-by-time");
  }

  private List<String> keys(String state) throws IOException {
    List<String> keys = new ArrayList<>();
    for (RnnHarness subtask : subtasks) {
      keys.addAll(subtask.keys(state));
    }
    keys.sort(null);
    return keys;
  }

  @Override
  public List<String> timers() {
    int processing = subtasks.stream().mapToInt(RnnHarness::timers).sum();
    int event = subtasks.stream().mapToInt(RnnHarness::eventTimers).sum();
    return List.of(processing + " of processing time", event + " of event time");
  }

  @Override
  public List<String> timers(List<String> reference) {
    long event = reference.stream().filter(line -> line.contains(" event ")).count();
    return List.of(reference.size() - event + " of processing time", event + " of event time");
  }

  private void closeAll() throws IOException {
    for (RnnHarness subtask : subtasks) {
      subtask.close();
    }
    subtasks = new ArrayList<>();
    seen = new ArrayList<>();
  }

  @Override
  public void close() throws IOException {
    closeAll();
  }
}
