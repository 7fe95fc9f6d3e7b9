package io.github.flinkrnn.onnxruntime;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The format in which a step graph is sent to {@link TrialProcess}. */
final class StepGraphFormat {
  private StepGraphFormat() {}

  static void write(StepGraph graph, DataOutputStream out) throws IOException {
    out.writeUTF(graph.file());
    out.writeInt(graph.bytes().length);
    out.write(graph.bytes());
    out.writeUTF(graph.input().name());
    out.writeUTF(graph.input().kind().name());
    writeShape(graph.input().shape(), out);
    out.writeUTF(graph.output());
    out.writeInt(graph.states().size());
    for (StepGraph.State state : graph.states()) {
      out.writeUTF(state.input());
      out.writeUTF(state.output());
      writeShape(state.shape(), out);
      for (float number : state.initial()) {
        out.writeFloat(number);
      }
    }
  }

  static StepGraph read(DataInputStream in) throws IOException {
    String file = in.readUTF();
    byte[] bytes = in.readNBytes(in.readInt());
    StepGraph.Input input =
        new StepGraph.Input(in.readUTF(), StepGraph.Kind.valueOf(in.readUTF()), readShape(in));
    String output = in.readUTF();
    List<StepGraph.State> states = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = in.readUTF();
      String next = in.readUTF();
      long[] shape = readShape(in);
      float[] initial = new float[StepGraph.length(shape)];
      for (int i = 0; i < initial.length; i++) {
        initial[i] = in.readFloat();
      }
      states.add(new StepGraph.State(name, next, shape, initial));
    }
    return new StepGraph(file, bytes, input, output, states, 0, "", 0);
  }

  static void writeShape(long[] shape, DataOutputStream out) throws IOException {
    out.writeInt(shape.length);
    for (long size : shape) {
      out.writeLong(size);
    }
  }

  static long[] readShape(DataInputStream in) throws IOException {
    long[] shape = new long[in.readInt()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = in.readLong();
    }
    return shape;
  }
}
