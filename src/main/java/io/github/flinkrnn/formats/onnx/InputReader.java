package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A ValueInfoProto: name, TypeProto.Tensor, TensorShapeProto (onnx/onnx.proto). */
final class InputReader {
  private static final int MAX_DIMENSIONS = 8;

  private final ProtoReader in;
  private String name = "";
  private long type;
  private List<Long> sizes; // null without a shape

  private InputReader(ProtoReader in) {
    this.in = in;
  }

  static ValueInfo read(ProtoReader in) throws IOException {
    InputReader reader = new InputReader(in);
    in.message(reader::field);
    long[] sizes =
        reader.sizes == null ? null : reader.sizes.stream().mapToLong(Long::longValue).toArray();
    return new ValueInfo(reader.name, (int) Math.min(Math.max(reader.type, 0), 99), sizes);
  }

  private boolean field(int number) throws IOException {
    switch (number) {
      case 1 -> name = in.text();
      case 2 -> in.message(only(1, () -> in.message(this::tensorField)));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean tensorField(int number) throws IOException {
    switch (number) {
      case 1 -> type = in.integer();
      case 2 -> {
        sizes = new ArrayList<>();
        in.message(only(1, this::dimension));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void dimension() throws IOException {
    long[] size = {-1};
    in.message(only(1, () -> size[0] = in.integer()));
    sizes.add(Math.max(size[0], -1));
    if (sizes.size() > MAX_DIMENSIONS) {
      throw new InvalidProtocolBufferException("an input of more than 8 dimensions");
    }
  }

  private interface Read {
    void run() throws IOException;
  }

  private static ProtoReader.Message only(int field, Read read) {
    return number -> {
      if (number == field) {
        read.run();
      }
      return number == field;
    };
  }
}
