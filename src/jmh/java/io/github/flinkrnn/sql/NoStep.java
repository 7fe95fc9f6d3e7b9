package io.github.flinkrnn.sql;

import io.github.flinkrnn.network.NetworkSize;
import java.util.Set;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.functions.FunctionRequirement;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;

/**
 * A no-op function for {@code OVER}: a result of the type of {@link Rnn}, and a state of nearly as
 * many bytes, without a network. The state is bytes, so nothing is serialized but these. Its rate
 * is the upper limit for any recurrence in its place.
 */
public final class NoStep extends AggregateFunction<RowData, byte[]> {
  private static final long serialVersionUID = 1L;

  private static final int STATE_BYTES = 64 * Float.BYTES + 16; // RNN keeps 64 floats and some more

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    return TypeInference.newBuilder()
        .inputTypeStrategy(
            InputTypeStrategies.sequence(
                InputTypeStrategies.explicit(
                    DataTypes.ARRAY(DataTypes.FLOAT()).bridgedTo(ArrayData.class))))
        .accumulatorTypeStrategy(TypeStrategies.explicit(DataTypes.BYTES()))
        .outputTypeStrategy(TypeStrategies.explicit(Rnn.RESULT))
        .build();
  }

  @Override
  public Set<FunctionRequirement> getRequirements() {
    return Set.of(FunctionRequirement.OVER_WINDOW_ONLY);
  }

  @Override
  public byte[] createAccumulator() {
    return new byte[STATE_BYTES];
  }

  /** Changes the state in place. */
  public void accumulate(byte[] state, ArrayData input) {
    state[0]++;
    state[STATE_BYTES - 1] = (byte) input.size();
  }

  @Override
  public RowData getValue(byte[] state) {
    float[] outputs = new float[NetworkSize.OUTPUTS];
    outputs[0] = state[0];
    return GenericRowData.of((long) state[0], null, new GenericArrayData(outputs));
  }
}
