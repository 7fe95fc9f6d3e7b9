package io.github.flinkrnn.network;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * ONNX Runtime as one calls it in a hand-written Flink function: one thread, tensors that are
 * created from Java arrays at each call, the new state copied to arrays, everything closed. It uses
 * buffers instead of nested arrays, because ONNX Runtime would copy those one number at a time.
 */
public final class OnnxSession implements AutoCloseable {
  private final NetworkSize size;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** The result of a call: y, h and, for an LSTM, c; otherwise null. */
  public record Result(float[] y, float[] h, float[] c) {}

  /**
   * @param model the result of {@link SeededNetwork#onnx}
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
   * Computes one step.
   *
   * @param x [n_x]
   * @param h [layers × n_a]
   * @param c the same for an LSTM; otherwise not used
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
    return tensor.getFloatBuffer().array(); // already a copy
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
