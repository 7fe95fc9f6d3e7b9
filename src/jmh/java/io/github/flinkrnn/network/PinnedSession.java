package io.github.flinkrnn.network;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime as one calls it to be fast: one thread, and inputs and outputs in direct buffers
 * that are allocated once. A call reads and writes them in place, so it creates no tensor and
 * copies nothing.
 *
 * <p>The state of a key is one byte array, h and then (lstm) c, in the byte order of this machine.
 * So it is copied as a block to and from the buffers, and written to RocksDB as it is, not number
 * by number.
 */
final class PinnedSession implements AutoCloseable {
  private final NetworkSize size;
  private final int stateBytes; // of h or c of a key
  private final byte[] zeros;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final boolean ofSequences; // whether x, h and c have a first dimension, of size 1

  private final FloatBuffer x;
  private final ByteBuffer[] states; // h and c
  private final ByteBuffer[] newStates;
  private final FloatBuffer y;
  private final Bound[] bound; // by the number of keys

  /** Tensors on the first numbers of the buffers. */
  private record Bound(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

  /**
   * @param size of a network of one layer
   * @param model one of the graphs of {@link SeededNetwork}
   * @param keys the maximum number of keys in a call; 1 for a graph of one key at a time
   */
  PinnedSession(NetworkSize size, byte[] model, int keys) throws OrtException {
    this.size = size;
    this.stateBytes = Float.BYTES * size.hidden();
    this.zeros = new byte[stateBytes];
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    }
    TensorInfo features = (TensorInfo) session.getInputInfo().get("x").getInfo();
    ofSequences = features.getShape().length == 3;
    x = direct(keys * size.input() * Float.BYTES).asFloatBuffer();
    y = direct(keys * NetworkSize.OUTPUTS * Float.BYTES).asFloatBuffer();
    states = new ByteBuffer[size.hasCellState() ? 2 : 1];
    newStates = new ByteBuffer[states.length];
    for (int i = 0; i < states.length; i++) {
      states[i] = direct(keys * stateBytes);
      newStates[i] = direct(keys * stateBytes);
    }
    bound = new Bound[keys + 1];
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** A state with room for h and c. */
  byte[] newState() {
    return new byte[states.length * stateBytes];
  }

  /**
   * Sets the input of a key in the next call.
   *
   * @param key the index of the key in the call
   * @param features [n_x]
   * @param state its state, or null for a new key
   */
  void put(int key, float[] features, byte[] state) {
    x.put(key * size.input(), features, 0, size.input());
    for (int i = 0; i < states.length; i++) {
      if (state == null) {
        states[i].put(key * stateBytes, zeros);
      } else {
        states[i].put(key * stateBytes, state, i * stateBytes, stateBytes);
      }
    }
  }

  /** Computes one step of this many keys. */
  void run(int keys) throws OrtException {
    if (bound[keys] == null) {
      bound[keys] = bind(keys);
    }
    session.run(bound[keys].inputs(), bound[keys].outputs()).close(); // which leaves the tensors
  }

  /** Copies the new state of a key. */
  void get(int key, byte[] state) {
    for (int i = 0; i < states.length; i++) {
      newStates[i].get(key * stateBytes, state, i * stateBytes, stateBytes);
    }
  }

  /** The prediction of a key, [8]. */
  float[] prediction(int key) {
    float[] prediction = new float[NetworkSize.OUTPUTS];
    y.get(key * NetworkSize.OUTPUTS, prediction);
    return prediction;
  }

  private Bound bind(int keys) throws OrtException {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    inputs.put("x", tensor(x, ofSequences, keys, size.input()));
    outputs.put("y", tensor(y, false, keys, NetworkSize.OUTPUTS));
    String[] names = {"h", "c"};
    for (int i = 0; i < states.length; i++) {
      FloatBuffer from = states[i].asFloatBuffer();
      FloatBuffer to = newStates[i].asFloatBuffer();
      inputs.put(names[i], tensor(from, ofSequences, keys, size.hidden()));
      outputs.put(names[i] + "_out", tensor(to, ofSequences, keys, size.hidden()));
    }
    return new Bound(inputs, outputs);
  }

  /** A tensor on the first numbers of a direct buffer, without a copy. */
  private OnnxTensor tensor(FloatBuffer buffer, boolean ofSequences, int keys, int width)
      throws OrtException {
    long[] shape = ofSequences ? new long[] {1, keys, width} : new long[] {keys, width};
    return OnnxTensor.createTensor(environment, buffer.slice(0, keys * width), shape);
  }

  @Override
  public void close() throws OrtException {
    for (Bound tensors : bound) {
      if (tensors != null) {
        tensors.inputs().values().forEach(OnnxTensor::close);
        tensors.outputs().values().forEach(OnnxTensor::close);
      }
    }
    session.close();
  }
}
