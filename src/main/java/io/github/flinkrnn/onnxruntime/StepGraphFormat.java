package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.onnxruntime.StepGraph.Span;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The format in which a step graph is sent to {@link TrialProcess}, and its outputs sent back. */
final class StepGraphFormat {
  private interface Write<T> {
    void to(T element) throws IOException;
  }

  private interface Read<T> {
    T one() throws IOException;
  }

  private StepGraphFormat() {}

  static void write(StepGraph graph, DataOutputStream out) throws IOException {
    out.writeUTF(graph.file());
    out.writeInt(graph.bytes().length);
    out.write(graph.bytes());
    writeAll(
        graph.inputs(),
        out,
        input -> {
          writeTensor(input.name(), input.type(), input.shape(), out);
          writeAll(
              input.spans(),
              out,
              span -> {
                out.writeInt(span.from());
                out.writeInt(span.length());
              });
        });
    out.writeInt(graph.sample().length);
    for (int number : graph.sample()) {
      out.writeInt(number);
    }
    writeAll(
        graph.constants(),
        out,
        constant -> {
          writeTensor(constant.name(), constant.type(), constant.shape(), out);
          writeWords(constant.words(), out);
        });
    writeAll(graph.heads(), out, out::writeUTF);
    writeAll(
        graph.states(),
        out,
        state -> {
          writeTensor(state.input(), state.type(), state.shape(), out);
          out.writeUTF(state.output());
          writeWords(state.initial(), out);
        });
  }

  static StepGraph read(DataInputStream in) throws IOException {
    String file = in.readUTF();
    byte[] bytes = in.readNBytes(in.readInt());
    List<StepGraph.Input> inputs =
        readAll(
            in,
            () -> {
              StepOutput tensor = readTensor(in);
              List<Span> spans = readAll(in, () -> new Span(in.readInt(), in.readInt()));
              return new StepGraph.Input(tensor.name(), tensor.type(), tensor.shape(), spans);
            });
    int[] sample = new int[in.readInt()];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = in.readInt();
    }
    List<StepGraph.Constant> constants =
        readAll(
            in,
            () -> {
              StepOutput tensor = readTensor(in);
              return new StepGraph.Constant(
                  tensor.name(), tensor.type(), tensor.shape(), readWords(in));
            });
    List<String> heads = readAll(in, in::readUTF);
    List<StepGraph.State> states =
        readAll(
            in,
            () -> {
              StepOutput tensor = readTensor(in);
              return new StepGraph.State(
                  tensor.name(), in.readUTF(), tensor.type(), tensor.shape(), readWords(in));
            });
    return new StepGraph(file, bytes, inputs, sample, constants, heads, states, -1, "", 0);
  }

  static void writeOutputs(List<StepOutput> outputs, DataOutputStream out) throws IOException {
    writeAll(
        outputs, out, output -> writeTensor(output.name(), output.type(), output.shape(), out));
  }

  static List<StepOutput> readOutputs(DataInputStream in) throws IOException {
    return readAll(in, () -> readTensor(in));
  }

  private static <T> void writeAll(List<T> all, DataOutputStream out, Write<T> write)
      throws IOException {
    out.writeInt(all.size());
    for (T element : all) {
      write.to(element);
    }
  }

  private static <T> List<T> readAll(DataInputStream in, Read<T> read) throws IOException {
    List<T> all = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      all.add(read.one());
    }
    return all;
  }

  private static void writeTensor(String name, StepType type, long[] shape, DataOutputStream out)
      throws IOException {
    out.writeUTF(name);
    out.writeUTF(type.name());
    out.writeInt(shape.length);
    for (long size : shape) {
      out.writeLong(size);
    }
  }

  private static StepOutput readTensor(DataInputStream in) throws IOException {
    String name = in.readUTF();
    StepType type = StepType.valueOf(in.readUTF());
    long[] shape = new long[in.readInt()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = in.readLong();
    }
    return new StepOutput(name, type, shape);
  }

  // The bits as they are, because writeFloat changes those of a NaN.
  private static void writeWords(float[] words, DataOutputStream out) throws IOException {
    out.writeInt(words.length);
    for (float word : words) {
      out.writeInt(Float.floatToRawIntBits(word));
    }
  }

  private static float[] readWords(DataInputStream in) throws IOException {
    float[] words = new float[in.readInt()];
    for (int i = 0; i < words.length; i++) {
      words[i] = Float.intBitsToFloat(in.readInt());
    }
    return words;
  }
}
