package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.OrderOptions.By;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;

/** Tokens that waited when their job was given another order. */
final class LeftTokens {
  private final WaitingByTime byTime; // null where none can be
  private final WaitingByNumber byNumber; // null where none can be

  private LeftTokens(EarlierOrders earlier, RuntimeContext context) {
    byTime = earlier.had(By.TIMESTAMP) ? new WaitingByTime(context) : null;
    byNumber = earlier.had(By.SEQ) ? new WaitingByNumber(context) : null;
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
      taken.addAll(byTime.takeAll());
    }
    if (byNumber != null) {
      taken.addAll(byNumber.takeAll());
    }
    return taken;
  }
}
