package io.github.flinkrnn.sql;

import io.github.flinkrnn.operator.ModelLocation;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.FunctionRequirement;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;

/**
 * {@code RNN(model, input) OVER (PARTITION BY k ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND
 * CURRENT ROW)}: one step of a recurrent model for each row, with the same bits as {@link
 * io.github.flinkrnn.operator.RnnFunction}. The rows of a partition are one sequence, which never
 * ends.
 *
 * <ul>
 *   <li>{@code model}: a string literal, the URI of a model directory with one head. It is read
 *       while the statement is planned, so a missing or invalid model, and an input that does not
 *       fit it, are reported then.
 *   <li>{@code input}: for a model of words a {@code STRING}; for a model of features an array of
 *       numbers; for a model of fields a {@code ROW} with the names of its fields.
 *   <li>Returns {@code ROW<t BIGINT, label STRING, prediction ARRAY<FLOAT>>}. {@code label} is NULL
 *       for a model without labels. For a row that the model cannot read, the result is NULL, and
 *       the state of the sequence is unchanged.
 * </ul>
 *
 * <p>The accumulator is the state of a sequence. A state of a model with another fingerprint is
 * dropped: the sequence starts over. {@code RNN} has no ends of sequences, no late policy and no
 * heads; {@link RnnSteps} has.
 */
@PublicEvolving
public final class Rnn extends AggregateFunction<RowData, ArrayData> {
  private static final long serialVersionUID = 1L;

  static final DataType RESULT =
      DataTypes.ROW(
              DataTypes.FIELD("t", DataTypes.BIGINT()),
              DataTypes.FIELD("label", DataTypes.STRING()),
              DataTypes.FIELD("prediction", DataTypes.ARRAY(DataTypes.FLOAT())))
          .bridgedTo(RowData.class);

  private transient Map<String, OverSequence> sequences; // by the path of the model
  private transient OverSequence sequence; // of the last row
  private transient String path; // its model
  private transient MetricGroup metrics;
  // One for each call in the window: all of them share this object, and Flink lets each take its
  // step before it asks for the results.
  private transient int calls;
  private transient ArrayData[] states; // the accumulator of each
  private transient RowData[] results; // of the last row; null if it was rejected
  private transient boolean wasRead; // whether the results were asked for

  /** Creates the function, as SQL does. */
  public Rnn() {}

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    return TypeInference.newBuilder()
        .inputTypeStrategy(new RnnArguments())
        .accumulatorTypeStrategy(TypeStrategies.explicit(StateArray.TYPE))
        .outputTypeStrategy(TypeStrategies.explicit(RESULT))
        .build();
  }

  @Override
  public Set<FunctionRequirement> getRequirements() {
    return Set.of(FunctionRequirement.OVER_WINDOW_ONLY);
  }

  @Override
  public boolean isDeterministic() {
    return true;
  }

  @Override
  public void open(FunctionContext context) {
    sequences = new HashMap<>();
    calls = 0;
    states = new ArrayData[1];
    results = new RowData[1];
    metrics = context.getMetricGroup();
  }

  @Override
  public ArrayData createAccumulator() {
    return StateArray.empty();
  }

  /**
   * Takes one step.
   *
   * @param state of the sequence, which is changed
   * @param model the URI of the model directory
   * @param input the word, the array of features or the row of fields
   * @throws Exception if the model cannot be read
   */
  public void accumulate(ArrayData state, String model, Object input) throws Exception {
    if (!model.equals(path)) {
      sequence = sequence(model);
      path = model;
    }
    if (wasRead) {
      calls = 0;
      wasRead = false;
    }
    RowData result = sequence.step(state, input);
    int call = call(state); // there already after an earlier row of the same time
    if (call < 0) {
      if (calls == states.length) {
        states = Arrays.copyOf(states, 2 * calls);
        results = Arrays.copyOf(results, 2 * calls);
      }
      call = calls++;
      states[call] = state;
    }
    results[call] = result;
  }

  private OverSequence sequence(String model) throws IOException, InterruptedException {
    OverSequence known = sequences.get(model);
    if (known == null) {
      known = new OverSequence(new ModelLocation(model), metrics);
      sequences.put(model, known);
    }
    return known;
  }

  /**
   * The result of the row that was accumulated last.
   *
   * @param state the accumulator of that row
   * @return NULL if that row was rejected
   */
  @Override
  public RowData getValue(ArrayData state) {
    wasRead = true;
    int call = call(state);
    return call < 0 ? null : results[call];
  }

  /** The index of the call with this accumulator; -1 if it took no step. */
  @SuppressWarnings("ReferenceEquality")
  private int call(ArrayData state) {
    int call = calls - 1;
    while (call >= 0 && states[call] != state) {
      call--;
    }
    return call;
  }

  /** How many results may be asked for: one for each call in the window. */
  int waitingResults() {
    return calls;
  }

  @Override
  public void close() {
    if (sequences != null) {
      sequences.values().forEach(OverSequence::close);
      sequences = null;
      sequence = null;
      path = null;
    }
  }
}
