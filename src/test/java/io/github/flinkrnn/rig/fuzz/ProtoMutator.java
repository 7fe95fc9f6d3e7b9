package io.github.flinkrnn.rig.fuzz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes the content of a protobuf message and keeps it valid: all lengths stay correct. */
final class ProtoMutator {
  private static final int MOST_DEPTH = 8;

  private ProtoMutator() {}

  /** A field: a number, bytes, or a message if the bytes can be read as one. */
  private static final class Field {
    int number;
    int type;
    long value;
    byte[] bytes;
    List<Field> message;

    Field copy() {
      Field copy = new Field();
      copy.number = number;
      copy.type = type;
      copy.value = value;
      copy.bytes = bytes;
      copy.message =
          message == null ? null : new ArrayList<>(message.stream().map(Field::copy).toList());
      return copy;
    }
  }

  /** A copy with one to three changes. */
  static byte[] mutated(byte[] whole, Random random) {
    List<Field> root = message(whole, 0);
    if (root == null) {
      return Mutator.damage(whole, random);
    }
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      List<List<Field>> messages = new ArrayList<>();
      collect(root, messages);
      List<Field> parent = Hostile.one(messages, random);
      if (!parent.isEmpty()) {
        change(parent, Hostile.one(messages, random), random);
      }
    }
    return bytes(root);
  }

  private static void collect(List<Field> message, List<List<Field>> messages) {
    messages.add(message);
    for (Field field : message) {
      if (field.message != null) {
        collect(field.message, messages);
      }
    }
  }

  private static void change(List<Field> parent, List<Field> other, Random random) {
    int at = random.nextInt(parent.size());
    Field field = parent.get(at);
    switch (random.nextInt(8)) {
      case 0 -> parent.remove(at);
      case 1 -> parent.add(at, field.copy());
      case 2 -> other.add(random.nextInt(other.size() + 1), field.copy());
      case 3 -> field.number = Math.max(1, field.number + random.nextInt(5) - 2);
      case 4 -> {
        Field swapped = parent.get(random.nextInt(parent.size()));
        parent.set(at, swapped.copy());
      }
      default -> value(field, random);
    }
  }

  private static void value(Field field, Random random) {
    if (field.bytes == null && field.message == null) {
      long[] values = {0, 1, -1, 2, 7, 1 << 16, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE};
      field.value =
          random.nextBoolean()
              ? values[random.nextInt(values.length)]
              : field.value + random.nextInt(9) - 4;
    } else {
      byte[] before = field.message == null ? field.bytes : bytes(field.message);
      field.message = null;
      field.bytes =
          random.nextInt(3) == 0
              ? Hostile.string(random).getBytes(StandardCharsets.UTF_8)
              : Mutator.damage(before, random);
    }
  }

  /** The fields of a message; null if the bytes are not a message. */
  private static List<Field> message(byte[] bytes, int depth) {
    List<Field> fields = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        Field field = new Field();
        field.number = WireFormat.getTagFieldNumber(tag);
        field.type = WireFormat.getTagWireType(tag);
        switch (field.type) {
          case WireFormat.WIRETYPE_VARINT -> field.value = in.readRawVarint64();
          case WireFormat.WIRETYPE_FIXED32 -> field.value = in.readRawLittleEndian32();
          case WireFormat.WIRETYPE_FIXED64 -> field.value = in.readRawLittleEndian64();
          case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
            field.bytes = in.readByteArray();
            if (depth < MOST_DEPTH && field.bytes.length > 1) {
              field.message = message(field.bytes, depth + 1);
            }
          }
          default -> {
            return null;
          }
        }
        fields.add(field);
      }
      return fields;
    } catch (IOException e) {
      return null;
    }
  }

  private static byte[] bytes(List<Field> message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (Field field : message) {
        out.writeTag(field.number, field.type);
        switch (field.type) {
          case WireFormat.WIRETYPE_VARINT -> out.writeUInt64NoTag(field.value);
          case WireFormat.WIRETYPE_FIXED32 -> out.writeFixed32NoTag((int) field.value);
          case WireFormat.WIRETYPE_FIXED64 -> out.writeFixed64NoTag(field.value);
          default ->
              out.writeByteArrayNoTag(field.message == null ? field.bytes : bytes(field.message));
        }
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
