package io.github.flinkrnn.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.table.delegation.Planner;
import org.apache.flink.table.operations.CollectModifyOperation;
import org.apache.flink.table.operations.ModifyOperation;
import org.apache.flink.table.operations.Operation;
import org.apache.flink.table.operations.QueryOperation;
import org.apache.flink.table.operations.StatementSetOperation;

/**
 * Refuses two forms of {@code OVER} that Flink accepts in streaming, and that do not give each row
 * of {@code RNN} its own step: RANGE over row time, and ORDER BY a column that is no time
 * attribute. Only the planned operators tell them.
 */
final class OverCheck {
  private static final String RANGE =
      "RNN: expected ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, found RANGE over row time,"
          + " which gives all rows of one time the same prediction";
  private static final String NO_TIME =
      "RNN: expected ORDER BY a time attribute, found another column";

  private OverCheck() {}

  /**
   * @throws IllegalArgumentException for such a form
   */
  static void check(Planner planner, List<Operation> operations) {
    List<ModifyOperation> planned = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation instanceof QueryOperation query) {
        planned.add(new CollectModifyOperation(query));
      } else if (operation instanceof StatementSetOperation set) {
        planned.addAll(set.getOperations());
      } else if (operation instanceof ModifyOperation modify) {
        planned.add(modify);
      }
    }
    if (planned.isEmpty()) {
      return;
    }
    for (Transformation<?> sink : planner.translate(planned)) {
      sink.getTransitivePredecessors().forEach(OverCheck::check);
    }
  }

  private static void check(Transformation<?> operator) {
    if (!(operator instanceof OneInputTransformation<?, ?> input)
        || !(input.getOperatorFactory() instanceof SimpleOperatorFactory<?> factory)
        || !(factory.getOperator() instanceof AbstractUdfStreamOperator<?, ?> of)
        || !operator.getDescription().contains("RNN(")) {
      return;
    }
    String function = of.getUserFunction().getClass().getSimpleName();
    boolean isRange = operator.getDescription().contains("RANGE BETWEEN");
    if (function.startsWith("RowTime") && isRange) {
      throw new IllegalArgumentException(RANGE);
    }
    if (function.startsWith("NonTime")) {
      throw new IllegalArgumentException(NO_TIME);
    }
  }
}
