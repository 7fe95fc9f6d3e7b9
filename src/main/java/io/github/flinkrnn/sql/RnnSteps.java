package io.github.flinkrnn.sql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentCount;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.ConstantArgumentCount;
import org.apache.flink.table.types.inference.InputTypeStrategy;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.inference.Signature.Argument;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;

/**
 * {@code RNN_STEPS(input => TABLE t PARTITION BY k, model => …, options => MAP[…], on_time =>
 * DESCRIPTOR(…))}: a step of a recurrent model for each row of a table, with the rules of sequences
 * and of the output of a job file, and with the same bits as {@link
 * io.github.flinkrnn.operator.RnnFunction}.
 *
 * <ul>
 *   <li>{@code input}: rows in the order of their arrival, or with {@code sequence.order} in
 *       another. The columns have the names of the fields of a token record: {@code token}, {@code
 *       features} or those of the model's fields; {@code seq}, {@code timestamp}, {@code start},
 *       {@code end}, {@code generate}. Other columns are ignored.
 *   <li>{@code model}: a string literal, the URI of a model directory, which is read while the
 *       statement is planned.
 *   <li>{@code options}: the sections {@code sequence} and {@code output} of a job file, by path.
 *   <li>{@code on_time}: the event time of the rows, which idle timeouts and waiting tokens need.
 * </ul>
 *
 * <p>Returns the partition key, {@code t}, the fields that {@code output.fields} names (by default
 * {@code label} and {@code prediction}), the columns that {@code output.carry} names, and with
 * {@code output.rejects: rows} also {@code reason} and {@code detail}. A rejected row does not
 * change its sequence.
 *
 * <p>Flink runs process table functions in streaming only.
 *
 * @serial exclude
 */
@PublicEvolving
public final class RnnSteps extends ProcessTableFunction<RowData> implements SpecializedFunction {
  private static final long serialVersionUID = 1L;

  private static final DataType STATE =
      MapView.newMapViewDataType(DataTypes.STRING().notNull(), DataTypes.BYTES().notNull());

  private final StepsCall call; // null before the arguments are known
  private transient StepsSequence sequence;

  /** Creates the function, as SQL does. */
  public RnnSteps() {
    this(null);
  }

  private RnnSteps(StepsCall call) {
    this.call = call;
  }

  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new RnnSteps(StepsCall.of(context.getCallContext()));
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    LinkedHashMap<String, StateTypeStrategy> states = new LinkedHashMap<>();
    // Without a time to live, whose timestamps would cost 8 bytes a key: sequences have their own.
    states.put("state", StateTypeStrategy.of(TypeStrategies.explicit(STATE), Duration.ZERO));
    return TypeInference.newBuilder()
        .staticArguments(
            StaticArgument.table(
                "input", RowData.class, false, EnumSet.of(StaticArgumentTrait.SET_SEMANTIC_TABLE)),
            StaticArgument.scalar("model", DataTypes.STRING().bridgedTo(StringData.class), false),
            StaticArgument.scalar(
                "options",
                DataTypes.MAP(DataTypes.STRING(), DataTypes.STRING()).bridgedTo(MapData.class),
                true))
        .inputTypeStrategy(new Arguments())
        .stateTypeStrategies(states)
        .outputTypeStrategy(this::resultType)
        .build();
  }

  private Optional<DataType> resultType(CallContext context) {
    return Optional.of((call == null ? StepsCall.of(context) : call).result().type());
  }

  /** Checks a call while the statement is planned, and tells Flink how rows are passed. */
  private final class Arguments implements InputTypeStrategy {
    @Override
    public ArgumentCount getArgumentCount() {
      return ConstantArgumentCount.any();
    }

    @Override
    public Optional<List<DataType>> inferInputTypes(CallContext context, boolean throwOnFailure) {
      List<DataType> types = context.getArgumentDataTypes();
      if (call == null) {
        StepsCall.of(context);
        return Optional.of(types);
      }
      List<DataType> passed = new ArrayList<>(types);
      passed.set(StepsCall.TABLE, types.get(StepsCall.TABLE).bridgedTo(RowData.class));
      return Optional.of(passed);
    }

    @Override
    public List<Signature> getExpectedSignatures(FunctionDefinition definition) {
      return List.of(
          Signature.of(
              Argument.of("input", "TABLE … PARTITION BY …"),
              Argument.of("model", "STRING LITERAL"),
              Argument.of("options", "MAP<STRING, STRING>")));
    }
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    sequence = new StepsSequence(call, context.getMetricGroup(), this::collect);
  }

  /**
   * Takes a row.
   *
   * @param context of the call
   * @param state of the key
   * @param input the row
   * @param model the URI of the model directory
   * @param options of the call
   * @throws Exception if the state cannot be read or written
   */
  public void eval(
      Context context,
      MapView<String, byte[]> state,
      RowData input,
      StringData model,
      MapData options)
      throws Exception {
    sequence.take(context, state, input);
  }

  /**
   * Handles a timer of a key.
   *
   * @param context of the timer
   * @param state of the key
   * @throws Exception if the state cannot be read or written
   */
  public void onTimer(OnTimerContext context, MapView<String, byte[]> state) throws Exception {
    sequence.onTimer(context, state);
  }

  @Override
  public void close() {
    if (sequence != null) {
      sequence.close();
      sequence = null;
    }
  }
}
