package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The bytes of a model file with the numbers of all tensors inside. ONNX Runtime must not see a
 * reference to another file or to memory, so every tensor of the file is visited, also in branches
 * and functions. All other bytes are copied as they are.
 */
final class WholeModel {
  private static final int VARINT = WireFormat.WIRETYPE_VARINT;
  private static final int MAX_DEPTH = 100; // as in protobuf
  private static final int MAX_BYTES = Integer.MAX_VALUE - 1024;

  /** The messages that may contain tensors. */
  private enum Message {
    MODEL,
    TRAINING,
    FUNCTION,
    GRAPH,
    NODE,
    ATTRIBUTE,
    SPARSE,
    TENSOR
  }

  /** The message in a field that may contain tensors; else null (onnx/onnx.proto). */
  private static Message inner(Message of, int field) {
    return switch (of) {
      case MODEL ->
          field == 7
              ? Message.GRAPH
              : field == 20 ? Message.TRAINING : field == 25 ? Message.FUNCTION : null;
      case TRAINING -> field == 1 || field == 2 ? Message.GRAPH : null;
      case FUNCTION -> field == 7 ? Message.NODE : field == 11 ? Message.ATTRIBUTE : null;
      case GRAPH ->
          field == 1
              ? Message.NODE
              : field == 5 ? Message.TENSOR : field == 15 ? Message.SPARSE : null;
      case NODE -> field == 5 ? Message.ATTRIBUTE : null;
      case ATTRIBUTE ->
          switch (field) {
            case 5, 10 -> Message.TENSOR;
            case 6, 11 -> Message.GRAPH;
            case 22, 23 -> Message.SPARSE;
            default -> null;
          };
      case SPARSE -> field == 1 || field == 2 ? Message.TENSOR : null;
      case TENSOR -> null;
    };
  }

  /** Whether protobuf would join several of a field to one message. */
  private static boolean isSingle(Message of, int field) {
    return switch (of) {
      case MODEL -> field == 7;
      case TRAINING, SPARSE -> field == 1 || field == 2;
      case ATTRIBUTE -> field == 5 || field == 6 || field == 22;
      default -> false;
    };
  }

  /** A part of an array. */
  private record Piece(byte[] bytes, int from, int length) {}

  /** Pieces in a row. */
  private static final class Pieces {
    private final List<Piece> all = new ArrayList<>();
    private long length;

    @SuppressWarnings("ReferenceEquality")
    void add(byte[] bytes, int from, int count) {
      Piece last = all.isEmpty() ? null : all.get(all.size() - 1);
      if (last != null && last.bytes == bytes && last.from + last.length == from) {
        all.set(all.size() - 1, new Piece(bytes, last.from, last.length + count));
      } else {
        all.add(new Piece(bytes, from, count));
      }
      length += count;
    }

    /** Adds a field with a message or bytes. */
    void add(int field, Pieces message) throws IOException {
      byte[] start = new byte[2 * Long.BYTES];
      CodedOutputStream out = CodedOutputStream.newInstance(start);
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt64NoTag(message.length);
      add(start, 0, out.getTotalBytesWritten());
      all.addAll(message.all);
      length += message.length;
    }
  }

  private final String file;
  private final byte[] bytes;
  private final ExternalData external;
  private final LoadMemory memory;
  private boolean isChanged;

  private WholeModel(String file, byte[] bytes, ExternalData external, LoadMemory memory) {
    this.file = file;
    this.bytes = bytes;
    this.external = external;
    this.memory = memory;
  }

  /**
   * The bytes of a file with all numbers inside; the file as it is if they are there.
   *
   * @param bytes the bytes of the file
   * @throws InvalidFileException when the file is damaged, or a reference to another file is
   *     invalid
   */
  static byte[] of(ModelFiles files, String name, byte[] bytes, LoadMemory memory)
      throws IOException {
    String file = files.path(name);
    try (ExternalData external = new ExternalData(files, file, memory)) {
      return new WholeModel(file, bytes, external, memory).whole();
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidFileException(
          file, "", "cannot be read as an ONNX model (a protobuf ModelProto): " + e.getMessage());
    }
  }

  private byte[] whole() throws IOException {
    Pieces pieces = new Pieces();
    copy(Message.MODEL, 0, bytes.length, 0, pieces);
    if (!isChanged) {
      return bytes;
    }
    if (pieces.length > MAX_BYTES) {
      throw new InvalidFileException(
          file, "", "expected less than 2 GiB with its external data, found more");
    }
    memory.take(file, pieces.length);
    byte[] whole = new byte[(int) pieces.length];
    int at = 0;
    for (Piece piece : pieces.all) {
      System.arraycopy(piece.bytes, piece.from, whole, at, piece.length);
      at += piece.length;
    }
    return whole;
  }

  /** Receives the fields of a message. */
  private interface Field {
    /**
     * @param tag with the wire type
     * @param start of the field with its tag
     * @param content the start of the content of a field with a length; else of the value
     * @param end of the field
     */
    void at(int tag, int start, int content, int end) throws IOException;
  }

  private void fields(int from, int to, Field field) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes, from, to - from);
    for (int start = from; start < to; start = from + in.getTotalBytesRead()) {
      int tag = in.readTag();
      int content = from + in.getTotalBytesRead();
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          int length = in.readRawVarint32();
          content = from + in.getTotalBytesRead();
          if (length < 0 || length > to - content) {
            throw new InvalidProtocolBufferException("a field that is longer than its message");
          }
          in.skipRawBytes(length);
        }
        case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP ->
            throw new InvalidProtocolBufferException("a group, which ONNX does not use");
        default -> {
          boolean unused = in.skipField(tag);
        }
      }
      field.at(tag, start, content, from + in.getTotalBytesRead());
    }
  }

  /** Copies a message with its tensors. */
  private void copy(Message type, int from, int to, int depth, Pieces pieces) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new InvalidProtocolBufferException("messages are nested more than 100 deep");
    }
    Set<Integer> found = new HashSet<>();
    fields(
        from,
        to,
        (tag, start, content, end) -> {
          int number = WireFormat.getTagFieldNumber(tag);
          Message inner = inner(type, number);
          if (inner == null) {
            pieces.add(bytes, start, end - start);
            return;
          }
          if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            throw new InvalidProtocolBufferException("field " + number + " is no message");
          }
          if (isSingle(type, number) && !found.add(number)) {
            throw new InvalidProtocolBufferException("field " + number + " twice");
          }
          boolean before = isChanged;
          isChanged = false;
          Pieces message = new Pieces();
          if (inner == Message.TENSOR) {
            tensor(content, end, message);
          } else {
            copy(inner, content, end, depth + 1, message);
          }
          if (isChanged) {
            pieces.add(number, message);
          } else {
            pieces.add(bytes, start, end - start);
          }
          isChanged |= before;
        });
  }

  /** What is known of a tensor. */
  private static final class Tensor {
    private final Map<String, String> reference = new LinkedHashMap<>();
    private String name = "";
    private long type;
    private long length = 1;
    private long location;
    private boolean hasNumbers;
  }

  private void tensor(int from, int to, Pieces pieces) throws IOException {
    Tensor tensor = new Tensor();
    Pieces others = new Pieces();
    fields(
        from,
        to,
        (tag, start, content, end) -> {
          CodedInputStream in = CodedInputStream.newInstance(bytes, content, end - content);
          int number = WireFormat.getTagFieldNumber(tag);
          int wire = WireFormat.getTagWireType(tag);
          if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED
              && (number == 8 || number == 13 || (number == 1 && wire != VARINT))) {
            throw new InvalidProtocolBufferException("field " + number + " of a tensor");
          }
          if (wire != VARINT && (number == 2 || number == 14)) {
            throw new InvalidProtocolBufferException("field " + number + " of a tensor");
          }
          switch (number) {
            case 1 -> {
              while (!in.isAtEnd()) { // one, or several in one field
                times(tensor, in.readRawVarint64());
              }
            }
            case 2 -> tensor.type = in.readRawVarint64();
            case 8 -> tensor.name = text(content, end);
            case 4, 5, 6, 7, 9, 10, 11 -> tensor.hasNumbers = true;
            case 13 -> reference(content, end, tensor);
            case 14 -> tensor.location = in.readRawVarint64();
            default -> {}
          }
          if (number != 13 && number != 14) {
            others.add(bytes, start, end - start);
          }
        });
    if (tensor.location == 0 && tensor.reference.isEmpty()) {
      pieces.add(bytes, from, to - from);
      return;
    }
    pieces.all.addAll(others.all);
    pieces.length += others.length;
    isChanged = true;
    byte[] numbers = numbers(tensor);
    Pieces raw = new Pieces();
    raw.add(numbers, 0, numbers.length);
    pieces.add(9, raw);
  }

  private byte[] numbers(Tensor tensor) throws IOException {
    if (tensor.location != 1) {
      throw invalid(tensor, TensorReader.EXPECTED_EXTERNAL + tensor.location);
    }
    if (tensor.hasNumbers) {
      throw invalid(tensor, TensorReader.TWO_PLACES);
    }
    long size = tensor.length < 0 ? -1 : TensorReader.bytes(tensor.type, tensor.length);
    if (size < 0) {
      throw invalid(tensor, "expected a shape and a type of numbers for external data");
    }
    byte[] numbers = external.read(tensor.name, tensor.reference, size);
    memory.take(file, numbers.length);
    return numbers;
  }

  private static void times(Tensor tensor, long size) {
    boolean fits = size >= 0 && size <= Integer.MAX_VALUE && tensor.length >= 0;
    tensor.length = fits ? tensor.length * size : -1;
    tensor.length = tensor.length > Integer.MAX_VALUE ? -1 : tensor.length;
  }

  /** A StringStringEntryProto. */
  private void reference(int from, int to, Tensor tensor) throws IOException {
    String[] pair = {"", ""};
    fields(
        from,
        to,
        (tag, start, content, end) -> {
          int number = WireFormat.getTagFieldNumber(tag);
          if (number == 1 || number == 2) {
            pair[number - 1] = text(content, end);
          }
        });
    if (tensor.reference.put(pair[0], pair[1]) != null) {
      throw invalid(tensor, TensorReader.TWICE + "'" + pair[0] + "' twice");
    }
  }

  private String text(int from, int to) throws IOException {
    if (to - from > ProtoReader.MAX_TEXT) {
      throw new InvalidProtocolBufferException("a string of " + (to - from) + " bytes");
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private InvalidFileException invalid(Tensor tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor.name + "'", problem);
  }
}
