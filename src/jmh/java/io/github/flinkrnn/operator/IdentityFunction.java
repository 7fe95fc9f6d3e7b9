package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Flink alone: the records, the state and the serializers of {@link RnnFunction}, and no network.
 * Its floats are copied at each token into an array of their own, as those of any recurrence are:
 * a&lt;t&gt; has to go somewhere, and a snapshot in flight may read a&lt;t-1&gt;. What it carries
 * is the most that any recurrence in its place could.
 */
public final class IdentityFunction extends KeyedProcessFunction<String, Token, Prediction> {
  private static final long serialVersionUID = 1L;

  private final int stateSize;
  private final float[] outputs;

  private transient ValueState<HiddenState> hidden;

  /**
   * @param stateSize floats a key
   * @param outputs numbers a prediction
   */
  public IdentityFunction(int stateSize, int outputs) {
    this.stateSize = stateSize;
    this.outputs = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      this.outputs[i] = 1 / (i + 1.7f); // as long in JSON as a prediction
    }
  }

  @Override
  public void open(OpenContext context) {
    hidden =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("hidden-state", HiddenStateSerializer.INSTANCE));
  }

  @Override
  public void processElement(Token token, Context context, Collector<Prediction> out)
      throws Exception {
    HiddenState kept = hidden.value();
    HiddenState next =
        kept == null
            ? new HiddenState(1, 1, 0, new float[stateSize])
            : new HiddenState(kept.model(), kept.t() + 1, 0, kept.values().clone());
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
