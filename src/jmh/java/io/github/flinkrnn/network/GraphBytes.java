package io.github.flinkrnn.network;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes an ONNX graph, message by message; field numbers are those of onnx.proto3. */
final class GraphBytes {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int OPSET = 14;
  private static final int IR_VERSION = 8;

  /** In the shape of an input or output: the batch, whose size is known only at each call. */
  static final int BATCH = -1;

  private final Message graph = new Message().text(2, "step");

  byte[] model() {
    return new Message()
        .integer(1, IR_VERSION)
        .message(7, graph)
        .message(8, new Message().integer(2, OPSET))
        .bytes();
  }

  void input(String name, int... shape) {
    graph.message(11, described(name, shape));
  }

  void output(String name, int... shape) {
    graph.message(12, described(name, shape));
  }

  private static Message described(String name, int... shape) {
    Message sizes = new Message();
    for (int size : shape) {
      sizes.message(
          1, size == BATCH ? new Message().text(2, "batch") : new Message().integer(1, size));
    }
    Message tensor = new Message().integer(1, FLOAT).message(2, sizes);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  void floats(String name, float[] numbers, int... shape) {
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(numbers);
    Message tensor = new Message();
    for (int size : shape) {
      tensor.integer(1, size);
    }
    graph.message(5, tensor.integer(2, FLOAT).text(8, name).raw(9, raw.array()));
  }

  void integers(String name, long... numbers) {
    Message tensor = new Message().integer(1, numbers.length).integer(2, INT64);
    for (long number : numbers) {
      tensor.integer(7, number);
    }
    graph.message(5, tensor.text(8, name));
  }

  Node node(String operator, List<String> inputs, List<String> outputs) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    return new Node(node.text(4, operator));
  }

  /** A node that is in the graph after {@link #end}. */
  final class Node {
    private final Message node;

    private Node(Message node) {
      this.node = node;
    }

    Node attribute(String name, long value) {
      node.message(5, new Message().text(1, name).integer(3, value).integer(20, 2));
      return this;
    }

    void end() {
      graph.message(1, node);
    }
  }

  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private interface Write {
      void to(CodedOutputStream out) throws IOException;
    }

    private Message write(Write write) {
      try {
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        write.to(out);
        out.flush();
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }

    Message integer(int field, long value) {
      return write(out -> out.writeInt64(field, value));
    }

    Message text(int field, String value) {
      return write(out -> out.writeString(field, value));
    }

    Message raw(int field, byte[] value) {
      return write(out -> out.writeBytes(field, ByteString.copyFrom(value)));
    }

    Message message(int field, Message message) {
      return raw(field, message.bytes());
    }
  }
}
