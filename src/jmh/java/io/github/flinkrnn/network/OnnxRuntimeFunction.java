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
 * A step graph in a Flink function, as one writes it with ONNX Runtime and without {@code
 * RnnFunction}: a session in {@code open}, and the arrays of h and c in value states. It does not
 * count the steps, because that would be one more state to read and write.
 */
public final class OnnxRuntimeFunction extends KeyedProcessFunction<String, Token, Prediction> {
  private static final long serialVersionUID = 1L;

  private final NetworkSize size;
  private final String file;
  private final PaymentModel payments; // null: x<t> is the token's features

  private transient OnnxSession session;
  private transient ValueState<float[]> hidden;
  private transient ValueState<float[]> cell;

  /**
   * @param file the path of a step graph
   */
  public OnnxRuntimeFunction(NetworkSize size, String file) {
    this(size, file, null);
  }

  /**
   * @param file the path of a step graph
   * @param payments makes x&lt;t&gt; from the fields of a token, or null
   */
  public OnnxRuntimeFunction(NetworkSize size, String file, PaymentModel payments) {
    this.size = size;
    this.file = file;
    this.payments = payments;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    session = new OnnxSession(size, Files.readAllBytes(Path.of(file)));
    hidden = getRuntimeContext().getState(new ValueStateDescriptor<>("h", float[].class));
    if (size.hasCellState()) {
      cell = getRuntimeContext().getState(new ValueStateDescriptor<>("c", float[].class));
    }
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
    float[] h = hidden.value();
    float[] c = cell == null ? null : cell.value();
    if (h == null) {
      h = new float[size.layers() * size.hidden()];
      c = h;
    }
    OnnxSession.Result result =
        session.run(payments == null ? token.features() : payments.x(token), h, c);
    hidden.update(result.h());
    if (cell != null) {
      cell.update(result.c());
    }
    out.collect(prediction(token, result.y()));
  }

  /** The prediction for a token, without t. */
  static Prediction prediction(Token token, float[] y) {
    return new Prediction(
        token.key(),
        0,
        token.token(),
        null,
        y,
        null,
        null,
        token.seq(),
        null,
        null,
        token.carried());
  }
}
