package io.github.flinkrnn.operator;

import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * Counts each dropped duplicate once. The count is kept in checkpoints, because no other output of
 * a job shows these duplicates. After a change of parallelism, the partial counts have the same
 * sum.
 */
final class DuplicateCount {
  private final ListState<Long> kept;
  private final LongCounter count = new LongCounter();

  DuplicateCount(OperatorStateStore states) throws Exception {
    kept = states.getListState(new ListStateDescriptor<>("duplicates", Types.LONG));
    for (long part : kept.get()) {
      count.add(part);
    }
  }

  void snapshot() throws Exception {
    kept.update(List.of(count.getLocalValuePrimitive()));
  }

  void add() {
    count.add(1);
  }

  /** The accumulator of this subtask, including the restored count. */
  LongCounter accumulator() {
    return count;
  }
}
