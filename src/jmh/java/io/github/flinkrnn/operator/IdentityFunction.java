package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Flink alone: the records, the state and the serializers of {@link RnnFunction}, and no network.
 * The state is read at each token, gets another t and the floats it has, in place as there, and is
 * written back. What it carries is the most that any recurrence in its place could.
 */
public final class IdentityFunction extends KeyedProcessFunction<String, Token, Prediction> {
  private static final long serialVersionUID = 1L;

  private final int stateSize;
  private final float[] floats; // of any state
  private final float[] outputs;

  private transient ValueState<SequenceState> hidden;

  /**
   * @param stateSize floats a key
   * @param outputs numbers a prediction
   */
  public IdentityFunction(int stateSize, int outputs) {
    this.stateSize = stateSize;
    this.floats = new float[stateSize];
    for (int i = 0; i < stateSize; i++) {
      floats[i] = 1 / (i + 1.3f);
    }
    this.outputs = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      this.outputs[i] = 1 / (i + 1.7f); // as long in JSON as a prediction
    }
  }

  @Override
  public void open(OpenContext context) {
    hidden = getRuntimeContext().getState(RnnFunction.stateDescriptor());
  }

  @Override
  public void processElement(Token token, Context context, Collector<Prediction> out)
      throws Exception {
    SequenceState kept = hidden.value();
    SequenceState next = kept;
    if (next == null) {
      next = new SequenceState(1, 1, 0, 0, new float[stateSize], null, null);
    } else {
      next.become(1, next.t() + 1, 0, 0, floats);
    }
    hidden.update(next);
    out.collect(
        new Prediction(
            token.key(),
            next.t(),
            token.token(),
            null,
            outputs.clone(),
            null,
            null,
            token.seq(),
            null,
            null,
            token.carried()));
  }
}
