package io.github.flinkrnn.network;

import ai.onnxruntime.OrtException;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * A faster form of {@link OnnxRuntimeFunction}: it allocates its buffers only once, and has one
 * state instead of two, which it changes in place, as {@code RnnFunction} does.
 */
public final class PinnedOnnxFunction extends KeyedProcessFunction<String, Token, Prediction> {
  private static final long serialVersionUID = 1L;

  private final NetworkSize size;
  private final String file;

  private transient PinnedSession session;
  private transient ValueState<byte[]> state;

  /**
   * @param size of a network of one layer
   * @param file the path of a step graph
   */
  public PinnedOnnxFunction(NetworkSize size, String file) {
    this.size = size;
    this.file = file;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    session = new PinnedSession(size, Files.readAllBytes(Path.of(file)), 1);
    state = getRuntimeContext().getState(new ValueStateDescriptor<>("state", byte[].class));
  }

  @Override
  public void close() throws OrtException {
    if (session != null) {
      session.close();
    }
  }

  @Override
  public void processElement(Token token, Context context, Collector<Prediction> out)
      throws Exception {
    byte[] kept = state.value();
    session.put(0, token.features(), kept);
    session.run(1);
    byte[] next = kept == null ? session.newState() : kept;
    session.get(0, next);
    state.update(next);
    out.collect(OnnxRuntimeFunction.prediction(token, session.prediction(0)));
  }
}
