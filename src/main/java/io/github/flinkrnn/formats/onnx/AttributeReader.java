package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An AttributeProto. Its type determines which field holds the value. A value of 0 or an empty
 * value may be absent from the file (onnx/onnx.proto, "AttributeProto").
 */
final class AttributeReader implements ProtoReader.Message {
  private static final int MAX_TEXTS = 100;

  private final String file;
  private final ProtoReader in;
  private final ExternalData external;
  private final GraphReader graphs;
  private String name = "";
  private long type;
  private Object value;
  private boolean subgraph;

  /** Reads a GraphProto, the value of an attribute. */
  interface GraphReader {
    OnnxGraph read() throws IOException;
  }

  private AttributeReader(String file, ProtoReader in, ExternalData external, GraphReader graphs) {
    this.file = file;
    this.in = in;
    this.external = external;
    this.graphs = graphs;
  }

  static AttributeReader read(
      String file, ProtoReader in, ExternalData external, GraphReader graphs) throws IOException {
    AttributeReader attribute = new AttributeReader(file, in, external, graphs);
    in.message(attribute);
    return attribute;
  }

  String name() {
    return name;
  }

  boolean isSubgraph() {
    return subgraph;
  }

  /** A value of a type that {@link OnnxNode} lists, or of a type that no operator expects. */
  Object value() {
    if (value != null) {
      return value;
    }
    // The codes of AttributeProto.AttributeType.
    return switch ((int) Math.min(Math.max(type, 0), 99)) {
      case 1 -> 0f;
      case 2 -> 0L;
      case 3 -> "";
      case 6 -> new float[0];
      case 7 -> new long[0];
      case 8 -> List.of();
      default -> Void.class;
    };
  }

  @Override
  public boolean field(int number) throws IOException {
    switch (number) {
      case 1 -> name = in.text();
      case 2 -> value = in.number();
      case 3 -> value = in.integer();
      case 4 -> value = in.text();
      case 5 -> value = TensorReader.read(file, in, external);
      case 7 -> value = in.numbers(value instanceof float[] before ? before : new float[0], 4);
      case 8 -> value = in.integers(value instanceof long[] before ? before : new long[0]);
      case 9 -> {
        List<Object> texts =
            value instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
        texts.add(in.text());
        if (texts.size() > MAX_TEXTS) {
          throw new InvalidProtocolBufferException("an attribute of more than 100 strings");
        }
        value = texts;
      }
      case 20 -> type = in.integer();
      case 6 -> {
        value = graphs.read();
        subgraph = true;
      }
      case 11 -> {
        subgraph = true;
        return false;
      }
      default -> {
        return false;
      }
    }
    return true;
  }
}
