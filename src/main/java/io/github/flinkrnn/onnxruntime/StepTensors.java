package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors outside the heap, made once and written to for each step: ONNX Runtime reads and writes
 * the memory of direct buffers where it is. Not thread-safe.
 */
final class StepTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<FloatBuffer> previous = new ArrayList<>();
  private final List<FloatBuffer> next = new ArrayList<>();
  private final Buffer x;
  private int oneHot; // where x holds a one; the rest is zeros

  /** The tensors that go in: x&lt;t&gt; and the states. */
  StepTensors(StepGraph graph, OrtEnvironment environment) throws OrtException {
    this.environment = environment;
    boolean whole = false;
    try {
      x = input(graph.input());
      for (StepGraph.State of : graph.states()) {
        FloatBuffer buffer = floats(of.size());
        previous.add(buffer);
        inputs.put(of.input(), OnnxTensor.createTensor(environment, buffer, of.shape()));
      }
      whole = true;
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  private Buffer input(StepGraph.Input of) throws OrtException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(of.size() * Long.BYTES);
    bytes.order(ByteOrder.nativeOrder());
    switch (of.kind()) {
      case INT_ID -> {
        IntBuffer id = bytes.asIntBuffer().limit(1);
        inputs.put(of.name(), OnnxTensor.createTensor(environment, id, of.shape()));
        return id;
      }
      case LONG_ID -> {
        LongBuffer id = bytes.asLongBuffer().limit(1);
        inputs.put(of.name(), OnnxTensor.createTensor(environment, id, of.shape()));
        return id;
      }
      default -> {
        FloatBuffer numbers = floats(of.size());
        inputs.put(of.name(), OnnxTensor.createTensor(environment, numbers, of.shape()));
        return numbers;
      }
    }
  }

  /** Adds the states that come out. */
  void addStateOutputs(StepGraph graph) throws OrtException {
    for (StepGraph.State of : graph.states()) {
      next.add(addOutput(of.output(), of.shape()));
    }
  }

  /** The buffer of a state that is y&lt;t&gt; too. */
  FloatBuffer stateOutput(int of) {
    return next.get(of);
  }

  /** Adds an output, which a run writes to the buffer returned. */
  FloatBuffer addOutput(String name, long[] shape) throws OrtException {
    FloatBuffer buffer = floats(StepGraph.length(shape));
    outputs.put(name, OnnxTensor.createTensor(environment, buffer, shape));
    return buffer;
  }

  private static FloatBuffer floats(int length) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES));
    return bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  void features(float[] numbers) {
    ((FloatBuffer) x).put(0, numbers);
  }

  /** The word's id, or its one-hot vector where the graph takes numbers. */
  void word(int word) {
    if (x instanceof IntBuffer id) {
      id.put(0, word);
    } else if (x instanceof LongBuffer id) {
      id.put(0, word);
    } else {
      ((FloatBuffer) x).put(oneHot, 0).put(word, 1);
      oneHot = word;
    }
  }

  /** The states of step t-1, one after the other. */
  void previous(float[] numbers) {
    int at = 0;
    for (FloatBuffer buffer : previous) {
      buffer.put(0, numbers, at, buffer.capacity());
      at += buffer.capacity();
    }
  }

  /** The states of step t, one after the other. */
  void next(float[] numbers) {
    int at = 0;
    for (FloatBuffer buffer : next) {
      buffer.get(0, numbers, at, buffer.capacity());
      at += buffer.capacity();
    }
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
  }
}
