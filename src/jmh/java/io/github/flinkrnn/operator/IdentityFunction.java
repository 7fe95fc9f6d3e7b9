package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * A no-op operator: the records, the state and the serializers of {@link RnnFunction}, without a
 * network. For each token, the state is read, gets another t and the same floats, in place as
 * there, and is written back. Its throughput is the upper limit for any recurrence in its place.
 */
public final class IdentityFunction extends KeyedProcessFunction<String, Token, Prediction> {
  private static final long serialVersionUID = 1L;

  private final int stateSize;
  private final float[] floats; // the floats of every state
  private final float[] outputs;

  private transient ValueState<SequenceState> hidden;

  /**
   * @param stateSize the floats per key
   * @param outputs the numbers per prediction
   */
  public IdentityFunction(int stateSize, int outputs) {
    this.stateSize = stateSize;
    this.floats = new float[stateSize];
    for (int i = 0; i < stateSize; i++) {
      floats[i] = 1 / (i + 1.3f);
    }
    this.outputs = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      this.outputs[i] = 1 / (i + 1.7f); // as long in JSON as in a real prediction
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
      next.become(1, next.t() + 1, 0, 0, Long.MIN_VALUE, floats);
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
