package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.java.tuple.Tuple2;

/** Tokens that waited when their job was given another order. */
final class LeftTokens {
  private final MapState<Long, List<Token>> byTime; // null where none can be
  private final MapState<Long, Tuple2<Long, Token>> byNumber; // null where none can be

  private LeftTokens(EarlierOrders earlier, RuntimeContext context) {
    byTime = earlier.had(By.TIMESTAMP) ? context.getMapState(TimestampOrder.WAITING) : null;
    byNumber = earlier.had(By.SEQ) ? context.getMapState(NumberOrder.WAITING) : null;
  }

  /** Null where no token can have been left. */
  static LeftTokens of(EarlierOrders earlier, RuntimeContext context) {
    boolean some = earlier.had(By.TIMESTAMP) || earlier.had(By.SEQ);
    return some ? new LeftTokens(earlier, context) : null;
  }

  /** Those of the current key, in the order that they waited in; they wait no longer. */
  List<Token> take() throws Exception {
    List<Token> taken = new ArrayList<>();
    if (byTime != null) {
      for (List<Token> together : sorted(byTime).values()) {
        taken.addAll(TimestampOrder.sorted(together));
      }
      byTime.clear();
    }
    if (byNumber != null) {
      sorted(byNumber).values().forEach(each -> taken.add(each.f1));
      byNumber.clear();
    }
    return taken;
  }

  private static <T> Map<Long, T> sorted(MapState<Long, T> waiting) throws Exception {
    Map<Long, T> sorted = new TreeMap<>();
    for (Map.Entry<Long, T> each : waiting.entries()) {
      sorted.put(each.getKey(), each.getValue());
    }
    return sorted;
  }
}
