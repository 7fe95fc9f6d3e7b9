package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.flinkrnn.formats.LoadMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the fields of protobuf messages. Before anything is allocated, every length is checked
 * against the enclosing message, and the outermost against the file. A wrong wire type is an error.
 * See protobuf.dev, "Encoding".
 */
final class ProtoReader {
  private static final int MAX_DEPTH = 16;
  static final int MAX_TEXT = 1 << 12;
  private static final int BYTES_A_TEXT = 64;
  // Shapes, axes and attributes: a model has some thousands at most.
  private static final int MAX_INTEGERS = 1 << 20;
  // The limit for a repeated field in several pieces. Writers pack long fields into one piece.
  private static final int MAX_IN_PIECES = 4096;

  /** Receives the fields of one type of message. */
  interface Message {
    /** Reads the value of field {@code number}; false if the field is unknown. */
    boolean field(int number) throws IOException;
  }

  private final CodedInputStream in;
  private final String file;
  private final LoadMemory memory;
  private int tag;
  private int depth;

  /**
   * @param file the name of the file in errors
   * @param memory counts the memory for the contents of the file
   */
  ProtoReader(InputStream stream, int size, String file, LoadMemory memory) throws IOException {
    this.file = file;
    this.memory = memory;
    in = CodedInputStream.newInstance(stream);
    in.setSizeLimit(size);
    in.setRecursionLimit(MAX_DEPTH);
    int unused = in.pushLimit(size);
  }

  /** Counts bytes that will be allocated and kept. */
  void take(long bytes) {
    memory.take(file, bytes);
  }

  /** The number of bytes read so far. */
  int position() {
    return in.getTotalBytesRead();
  }

  /** Reads the fields up to the end of the message or of the file. */
  void fields(Message message) throws IOException {
    while ((tag = in.readTag()) != 0) {
      if (!message.field(WireFormat.getTagFieldNumber(tag))) {
        skip();
      }
    }
    if (in.getBytesUntilLimit() != 0) {
      throw new InvalidProtocolBufferException("the file ends inside a message");
    }
  }

  void message(Message message) throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    if (++depth > MAX_DEPTH) {
      throw new InvalidProtocolBufferException("messages are nested more than 16 deep");
    }
    int outer = in.pushLimit(in.readRawVarint32());
    fields(message);
    in.popLimit(outer);
    depth--;
  }

  long integer() throws IOException {
    expect(WireFormat.WIRETYPE_VARINT);
    return in.readRawVarint64();
  }

  float number() throws IOException {
    expect(WireFormat.WIRETYPE_FIXED32);
    return in.readFloat();
  }

  String text() throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int length = in.readRawVarint32();
    if (length > MAX_TEXT) {
      throw new InvalidProtocolBufferException("a string of " + length + " bytes");
    }
    take(BYTES_A_TEXT + 2L * Math.max(length, 0));
    return new String(in.readRawBytes(length), StandardCharsets.UTF_8);
  }

  byte[] bytes() throws IOException {
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int length = in.readRawVarint32();
    // Read in pieces and then copied, but not kept. A length beyond the message fails below.
    memory.expect(file, 2L * Math.max(0, Math.min(length, in.getBytesUntilLimit())));
    return in.readRawBytes(length);
  }

  /** Appends a repeated field of integers, packed or not, to those read before. */
  long[] integers(long[] before) throws IOException {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      long next = integer();
      long[] longer = Arrays.copyOf(before, inPieces(before.length) + 1);
      longer[before.length] = next;
      return longer;
    }
    int outer = in.pushLimit(in.readRawVarint32());
    // A number takes at least one byte.
    int count = inPieces(before.length);
    long[] all = Arrays.copyOf(before, atMost(count + (long) in.getBytesUntilLimit()));
    while (in.getBytesUntilLimit() > 0) {
      all[count++] = in.readRawVarint64();
    }
    in.popLimit(outer);
    take((long) Long.BYTES * count);
    return Arrays.copyOf(all, count);
  }

  private static int atMost(long count) throws IOException {
    if (count > MAX_INTEGERS) {
      throw new InvalidProtocolBufferException(
          "an array of integers of more than " + MAX_INTEGERS + " bytes");
    }
    return (int) count;
  }

  // Each piece copies the pieces before it.
  private static int inPieces(int before) throws IOException {
    if (before > MAX_IN_PIECES) {
      throw new InvalidProtocolBufferException("an array of more than 4096 numbers in pieces");
    }
    return before;
  }

  /** Appends a repeated field of float, or of double if {@code bytes} is 8. */
  float[] numbers(float[] before, int bytes) throws IOException {
    int wire = bytes == 8 ? WireFormat.WIRETYPE_FIXED64 : WireFormat.WIRETYPE_FIXED32;
    if (WireFormat.getTagWireType(tag) == wire) {
      float[] longer = Arrays.copyOf(before, inPieces(before.length) + 1);
      longer[before.length] = bytes == 8 ? (float) in.readDouble() : in.readFloat();
      return longer;
    }
    expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int length = in.readRawVarint32();
    int outer = in.pushLimit(length);
    if (length % bytes != 0) {
      throw new InvalidProtocolBufferException(length + " bytes of numbers of " + bytes);
    }
    take((long) Float.BYTES * (length / bytes));
    float[] all = Arrays.copyOf(before, Math.addExact(inPieces(before.length), length / bytes));
    for (int i = before.length; i < all.length; i++) {
      all[i] = bytes == 8 ? (float) in.readDouble() : in.readFloat();
    }
    in.popLimit(outer);
    return all;
  }

  private void skip() throws IOException {
    int wire = WireFormat.getTagWireType(tag);
    if (wire == WireFormat.WIRETYPE_START_GROUP || wire == WireFormat.WIRETYPE_END_GROUP) {
      throw new InvalidProtocolBufferException("a group, which ONNX does not use");
    }
    boolean unused = in.skipField(tag);
  }

  private void expect(int wire) throws IOException {
    if (WireFormat.getTagWireType(tag) != wire) {
      String field = "field " + WireFormat.getTagFieldNumber(tag);
      throw new InvalidProtocolBufferException(
          field + ": expected wire type " + wire + ", found " + WireFormat.getTagWireType(tag));
    }
  }
}
