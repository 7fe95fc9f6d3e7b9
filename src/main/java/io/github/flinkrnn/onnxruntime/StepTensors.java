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
 * Tensors outside the heap. They are created once and reused for all steps, because ONNX Runtime
 * reads and writes direct buffers in place. Not thread-safe.
 */
final class StepTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<FloatBuffer> previous = new ArrayList<>();
  private final List<FloatBuffer> next = new ArrayList<>();
  private final Buffer x;
  private int oneHot; // the index of the one in x; all other elements are zero

  /** Creates the input tensors: x&lt;t&gt; and the states. */
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

  /** Adds the output tensors of the states. */
  void addStateOutputs(StepGraph graph) throws OrtException {
    for (StepGraph.State of : graph.states()) {
      next.add(addOutput(of.output(), of.shape()));
    }
  }

  /** The buffer of a state that is also y&lt;t&gt;. */
  FloatBuffer stateOutput(int of) {
    return next.get(of);
  }

  /** Adds an output. A run writes it to the returned buffer. */
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

  /** Sets x&lt;t&gt; to the id of a word, or to its one-hot vector if the graph takes floats. */
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

  /** Sets the states of step t-1, concatenated. */
  void previous(float[] numbers) {
    int at = 0;
    for (FloatBuffer buffer : previous) {
      buffer.put(0, numbers, at, buffer.capacity());
      at += buffer.capacity();
    }
  }

  /** Copies the states of step t, concatenated. */
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
