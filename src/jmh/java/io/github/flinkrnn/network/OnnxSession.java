package io.github.flinkrnn.network;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime by hand, as people write it into a Flink function: one thread, tensors made of Java
 * arrays at each call, the new state copied out, everything closed. Buffers and not nested arrays,
 * for those it would copy one number at a time.
 */
public final class OnnxSession implements AutoCloseable {
  private final NetworkSize size;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** What a call gives: y, h and, of an LSTM, c; else null. */
  public record Result(float[] y, float[] h, float[] c) {}

  /**
   * @param model of {@link SeededNetwork#onnx}
   */
  public OnnxSession(NetworkSize size, byte[] model) throws OrtException {
    this.size = size;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    }
  }

  /**
   * One step.
   *
   * @param x [n_x]
   * @param h [layers × n_a]
   * @param c the same of an LSTM, else not looked at
   */
  public Result run(float[] x, float[] h, float[] c) throws OrtException {
    long[] stateShape = {size.layers(), 1, size.hidden()};
    try (OnnxTensor xTensor = tensor(x, 1, 1, size.input());
        OnnxTensor hTensor = tensor(h, stateShape)) {
      if (!size.hasCellState()) {
        try (OrtSession.Result result = session.run(Map.of("x", xTensor, "h", hTensor))) {
          return new Result(array(result, "y"), array(result, "h_out"), null);
        }
      }
      try (OnnxTensor cTensor = tensor(c, stateShape);
          OrtSession.Result result =
              session.run(Map.of("x", xTensor, "h", hTensor, "c", cTensor))) {
        return new Result(array(result, "y"), array(result, "h_out"), array(result, "c_out"));
      }
    }
  }

  private OnnxTensor tensor(float[] numbers, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), shape);
  }

  private static float[] array(OrtSession.Result result, String name) {
    OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
    return tensor.getFloatBuffer().array(); // a copy already
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
