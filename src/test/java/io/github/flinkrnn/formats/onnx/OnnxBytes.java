package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** An ONNX file as its writer builds it: fields of messages, in any order and with any mistake. */
final class OnnxBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private interface Write {
    void to(CodedOutputStream out) throws IOException;
  }

  private OnnxBytes write(Write write) {
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

  OnnxBytes integer(int field, long value) {
    return write(out -> out.writeInt64(field, value));
  }

  OnnxBytes number(int field, float value) {
    return write(out -> out.writeFloat(field, value));
  }

  OnnxBytes text(int field, String value) {
    return write(out -> out.writeString(field, value));
  }

  OnnxBytes message(int field, OnnxBytes message) {
    return raw(field, message.bytes());
  }

  OnnxBytes raw(int field, byte[] value) {
    return write(out -> out.writeBytes(field, ByteString.copyFrom(value)));
  }

  /** Only the start of a field: the tag, and a length after which the bytes may be missing. */
  OnnxBytes claim(int field, int length) {
    return write(
        out -> {
          out.writeTag(field, 2);
          out.writeUInt32NoTag(length);
        });
  }

  /** A model with version 14 of the standard operators. */
  static OnnxBytes model(OnnxBytes graph) {
    OnnxBytes opset = new OnnxBytes().integer(2, 14);
    return new OnnxBytes().integer(1, 8).message(8, opset).message(7, graph);
  }

  OnnxBytes node(OnnxBytes node) {
    return message(1, node);
  }

  static OnnxBytes node(String op, String name, List<String> inputs, String... outputs) {
    OnnxBytes node = new OnnxBytes();
    inputs.forEach(input -> node.text(1, input));
    for (String output : outputs) {
      node.text(2, output);
    }
    return node.text(3, name).text(4, op);
  }

  OnnxBytes attribute(String name, long value) {
    return message(5, new OnnxBytes().text(1, name).integer(3, value).integer(20, 2));
  }

  OnnxBytes attribute(String name, float value) {
    return message(5, new OnnxBytes().text(1, name).number(2, value).integer(20, 1));
  }

  OnnxBytes attribute(String name, String value) {
    return message(5, new OnnxBytes().text(1, name).text(4, value).integer(20, 3));
  }

  OnnxBytes attribute(String name, List<String> values) {
    OnnxBytes attribute = new OnnxBytes().text(1, name);
    values.forEach(value -> attribute.text(9, value));
    return message(5, attribute.integer(20, 8));
  }

  OnnxBytes attribute(String name, long[] values) {
    OnnxBytes attribute = new OnnxBytes().text(1, name);
    for (long value : values) {
      attribute.integer(8, value);
    }
    return message(5, attribute.integer(20, 7));
  }

  /** An attribute of a type that no supported operator has: a graph. */
  OnnxBytes subgraph(String name) {
    return message(5, new OnnxBytes().text(1, name).message(6, new OnnxBytes().text(2, "branch")));
  }

  OnnxBytes attribute(String name, OnnxBytes graph) {
    return message(5, new OnnxBytes().text(1, name).message(6, graph).integer(20, 5));
  }

  /** A float tensor whose numbers are all 0.5, stored one by one. */
  static OnnxBytes halves(String name, int... shape) {
    OnnxBytes tensor = new OnnxBytes();
    int length = 1;
    for (int size : shape) {
      tensor.integer(1, size);
      length *= size;
    }
    tensor.integer(2, 1);
    for (int i = 0; i < length; i++) {
      tensor.number(4, 0.5f);
    }
    return tensor.text(8, name);
  }

  static OnnxBytes floats(String name, float[] values, int... shape) {
    OnnxBytes tensor = new OnnxBytes().integer(2, 1).text(8, name);
    for (int size : shape) {
      tensor.integer(1, size);
    }
    for (float value : values) {
      tensor.number(4, value);
    }
    return tensor;
  }

  static OnnxBytes integers(String name, long... values) {
    OnnxBytes tensor = new OnnxBytes().integer(1, values.length).integer(2, 7);
    for (long value : values) {
      tensor.integer(7, value);
    }
    return tensor.text(8, name);
  }

  /** A float tensor whose numbers are in another file, with pairs of keys and values. */
  static OnnxBytes external(String name, long[] shape, String... reference) {
    OnnxBytes tensor = new OnnxBytes().text(8, name).integer(2, 1).integer(14, 1);
    for (long size : shape) {
      tensor.integer(1, size);
    }
    for (int i = 0; i < reference.length; i += 2) {
      tensor.message(13, new OnnxBytes().text(1, reference[i]).text(2, reference[i + 1]));
    }
    return tensor;
  }

  OnnxBytes initializer(OnnxBytes tensor) {
    return message(5, tensor);
  }

  /** An input of floats or of ids; -1 for a dynamic size. */
  OnnxBytes input(String name, int type, long... sizes) {
    return message(11, value(name, type, sizes));
  }

  private static OnnxBytes value(String name, int type, long... sizes) {
    OnnxBytes shape = new OnnxBytes();
    for (long size : sizes) {
      OnnxBytes open = new OnnxBytes().text(2, "n");
      shape.message(1, size < 0 ? open : new OnnxBytes().integer(1, size));
    }
    OnnxBytes tensor = new OnnxBytes().integer(1, type).message(2, shape);
    return new OnnxBytes().text(1, name).message(2, new OnnxBytes().message(1, tensor));
  }

  OnnxBytes output(String name, int type, long... sizes) {
    return message(12, value(name, type, sizes));
  }

  OnnxBytes output(String name) {
    return message(12, new OnnxBytes().text(1, name));
  }
}
