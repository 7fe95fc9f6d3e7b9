package io.github.flinkrnn.network;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
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
 * <p>The state of a key is one byte array, h and then (lstm) c, each [layers, n_a], in the byte
 * order of this machine. So it is copied in whole blocks to and from the buffers, and written to
 * RocksDB as it is, not number by number.
 */
final class PinnedSession implements AutoCloseable {
  private final NetworkSize size;
  private final int blockBytes; // h or c of a layer of a key
  private final byte[] zeros;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  private final FloatBuffer x;
  private final ByteBuffer[] states; // h and c
  private final ByteBuffer[] newStates;
  private final FloatBuffer y;
  private final Bound[] bound; // by the number of keys

  /** Tensors on the first numbers of the buffers. */
  private record Bound(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

  /**
   * @param model the result of {@link SeededNetwork#onnx}, or of {@link
   *     SeededNetwork#onnxOfBatches} for more than one key
   * @param keys the maximum number of keys in a call
   */
  PinnedSession(NetworkSize size, byte[] model, int keys) throws OrtException {
    this.size = size;
    this.blockBytes = Float.BYTES * size.hidden();
    this.zeros = new byte[stateBytes()];
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model, options);
    }
    x = direct(keys * size.input() * Float.BYTES).asFloatBuffer();
    y = direct(keys * NetworkSize.OUTPUTS * Float.BYTES).asFloatBuffer();
    states = new ByteBuffer[size.hasCellState() ? 2 : 1];
    newStates = new ByteBuffer[states.length];
    for (int i = 0; i < states.length; i++) {
      states[i] = direct(keys * size.layers() * blockBytes);
      newStates[i] = direct(keys * size.layers() * blockBytes);
    }
    bound = new Bound[keys + 1];
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** The length of the state of a key. */
  int stateBytes() {
    return size.stateSize() * Float.BYTES;
  }

  /**
   * Sets the input of a key in the next call.
   *
   * @param key the index of the key in the call
   * @param keys the number of keys in the call
   * @param features [n_x]
   * @param state its state, or null for a new key
   */
  void put(int key, int keys, float[] features, byte[] state) {
    x.put(key * size.input(), features, 0, size.input());
    byte[] from = state == null ? zeros : state;
    int at = 0;
    for (ByteBuffer to : states) {
      for (int l = 0; l < size.layers(); l++) {
        to.put((l * keys + key) * blockBytes, from, at, blockBytes);
        at += blockBytes;
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
  void state(int key, int keys, byte[] to) {
    int at = 0;
    for (ByteBuffer from : newStates) {
      for (int l = 0; l < size.layers(); l++) {
        from.get((l * keys + key) * blockBytes, to, at, blockBytes);
        at += blockBytes;
      }
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
    inputs.put("x", tensor(x, 1, keys, size.input()));
    outputs.put("y", tensor(y, keys, NetworkSize.OUTPUTS));
    String[] names = {"h", "c"};
    for (int i = 0; i < states.length; i++) {
      long[] shape = {size.layers(), keys, size.hidden()};
      inputs.put(names[i], tensor(states[i].asFloatBuffer(), shape));
      outputs.put(names[i] + "_out", tensor(newStates[i].asFloatBuffer(), shape));
    }
    return new Bound(inputs, outputs);
  }

  /** A tensor on the first numbers of a direct buffer, without a copy. */
  private OnnxTensor tensor(FloatBuffer buffer, long... shape) throws OrtException {
    int length = 1;
    for (long dimension : shape) {
      length *= (int) dimension;
    }
    return OnnxTensor.createTensor(environment, buffer.slice(0, length), shape);
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
