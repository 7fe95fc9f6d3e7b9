package io.github.flinkrnn.operator;

import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * How many duplicates were dropped, each once: kept with every checkpoint, because nothing else
 * that comes out of a job would tell of them. At another parallelism the parts add up to the same.
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

  /** Of this subtask, with what it was restored with. */
  LongCounter accumulator() {
    return count;
  }
}
