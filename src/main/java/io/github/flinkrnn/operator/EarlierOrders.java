package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.OrderOptions.By;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * Which orders a job has had, in every savepoint of it: what they keep of a key is there until the
 * key is looked at. So a job that is given another order knows where to look, and one that never
 * had any looks nowhere.
 */
final class EarlierOrders {
  /**
   * Beside the orders where tokens may wait: they have an index. A version that knows of none would
   * leave it as it was, and not see all tokens of one time; it does not know this name, and
   * refuses.
   */
  private static final String INDEXED = "INDEXED";

  private final Set<By> all = EnumSet.noneOf(By.class);
  private final By now;

  /** Every subtask is told of all. */
  EarlierOrders(OperatorStateStore states, OrderOptions options) throws Exception {
    ListState<String> kept =
        states.getUnionListState(new ListStateDescriptor<>("orders", Types.STRING));
    for (String name : kept.get()) {
      if (!name.equals(INDEXED)) {
        all.add(order(name));
      }
    }
    now = options.by();
    if (!options.isPlain()) {
      all.add(now);
    }
    List<String> names = new ArrayList<>(all.stream().map(By::name).toList());
    if (all.contains(By.TIMESTAMP) || all.contains(By.SEQ)) {
      names.add(INDEXED);
    }
    kept.update(names);
  }

  private static By order(String name) throws IOException {
    try {
      return By.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "tokens in the order "
              + name
              + ", this version of flink-rnn knows "
              + Arrays.toString(By.values()),
          e);
    }
  }

  /** Whether no position of any key can have been kept, nor will be. */
  boolean areNone() {
    return all.isEmpty();
  }

  /** Whether tokens may wait in that order, which is not today's. */
  boolean had(By order) {
    return order != now && all.contains(order);
  }
}
