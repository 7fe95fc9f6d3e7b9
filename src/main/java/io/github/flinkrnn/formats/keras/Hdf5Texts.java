package io.github.flinkrnn.formats.keras;

import io.jhdf.GlobalHeap;
import io.jhdf.ObjectHeader;
import io.jhdf.exceptions.HdfException;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.object.message.AttributeInfoMessage;
import io.jhdf.object.message.AttributeMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads attributes of strings: one string or an array, of fixed or variable length. */
final class Hdf5Texts {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_TEXTS = 10_000;
  private static final int IN_HEAP = 16; // length, address of the heap, index in it
  private static final long NOWHERE = -1;

  private final BoundedStorage storage;
  private final Map<Long, GlobalHeap> heaps = new HashMap<>();
  private int left = MAX_BYTES;

  private Hdf5Texts(BoundedStorage storage) {
    this.storage = storage;
  }

  /** The strings of an attribute, if the object has it. */
  static Optional<List<String>> find(BoundedStorage storage, ObjectHeader header, String name) {
    if (header.hasMessageOfType(AttributeInfoMessage.class)
        && header.getMessageOfType(AttributeInfoMessage.class).getFractalHeapAddress() != NOWHERE) {
      throw new HdfException("expected no fractal heap, because Keras does not write one");
    }
    return header.getMessagesOfType(AttributeMessage.class).stream()
        .filter(attribute -> attribute.getName().equals(name))
        .findFirst()
        .map(attribute -> new Hdf5Texts(storage).texts(attribute));
  }

  private List<String> texts(AttributeMessage attribute) {
    List<String> texts = new ArrayList<>();
    ByteBuffer bytes = attribute.getDataBuffer();
    if (bytes == null) {
      return texts; // an empty array has no known type
    }
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    long count = attribute.getDataSpace().getTotalLength();
    if (count > MAX_TEXTS) {
      throw new HdfException("expected at most " + MAX_TEXTS + " strings, found " + count);
    }
    int size = attribute.getDataType().getSize();
    boolean inHeap =
        attribute.getDataType() instanceof VariableLength length
            && length.isVariableLengthString()
            && size == IN_HEAP;
    if (!inHeap && !(attribute.getDataType() instanceof StringData)) {
      throw new HdfException("expected a string");
    }
    for (int i = 0; i < count; i++) {
      ByteBuffer element = bytes.slice(i * size, size).order(ByteOrder.LITTLE_ENDIAN);
      texts.add(text(inHeap ? inHeap(element) : element));
    }
    return texts;
  }

  private ByteBuffer inHeap(ByteBuffer element) {
    int length = element.getInt();
    long address = element.getLong();
    int index = element.getInt();
    if (length == 0) {
      return element.slice(0, 0);
    }
    GlobalHeap heap = heaps.get(address);
    if (heap == null) {
      heap = new GlobalHeap(storage, address);
      heaps.put(address, heap);
    }
    return heap.getObjectData(index).slice(0, length);
  }

  /** The string without the padding at its end. */
  private String text(ByteBuffer bytes) {
    left -= bytes.remaining();
    if (left < 0) {
      throw new HdfException("expected strings of at most " + MAX_BYTES + " bytes, found more");
    }
    int end = bytes.remaining();
    while (end > 0 && (bytes.get(end - 1) == 0 || bytes.get(end - 1) == ' ')) {
      end--;
    }
    return StandardCharsets.UTF_8.decode(bytes.slice(0, end)).toString();
  }
}
