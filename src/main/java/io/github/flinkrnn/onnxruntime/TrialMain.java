package io.github.flinkrnn.onnxruntime;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * The main class of {@link TrialProcess}: reads graphs from standard input, writes answers to
 * standard output.
 */
final class TrialMain {
  private TrialMain() {}

  public static void main(String[] arguments) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
    try (DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out))) {
      in.mark(1);
      while (in.read() != -1) {
        in.reset();
        answer(StepGraphFormat.read(in), out);
        in.mark(1);
      }
    }
  }

  private static void answer(StepGraph graph, DataOutputStream out) throws IOException {
    try {
      List<StepOutput> outputs = new FirstStep(graph).outputs();
      out.writeByte(TrialProcess.OUTPUTS);
      StepGraphFormat.writeOutputs(outputs, out);
    } catch (InvalidFileException e) {
      out.writeByte(TrialProcess.REFUSAL);
      out.writeUTF(e.getMessage().substring(graph.file().length() + 2)); // without "file: "
    }
    out.flush();
  }
}
