package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.Tensor;
import io.jhdf.ObjectHeader;
import io.jhdf.exceptions.HdfException;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.message.DataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.CompactDataLayoutMessage;
import io.jhdf.object.message.DataLayoutMessage.ContiguousDataLayoutMessage;
import io.jhdf.object.message.DataSpaceMessage;
import io.jhdf.object.message.DataTypeMessage;
import java.nio.ByteBuffer;

/**
 * Reads a dataset as Keras writes it: IEEE float32 or float64 in contiguous storage. Chunks, and
 * with them compression, are not supported: Keras does not write them, and their decompressed size
 * is known too late.
 */
final class Hdf5Dataset {
  // The numbers, a transposed copy, and a copy in the layout of the kernel.
  private static final long BYTES_A_NUMBER = 3 * Float.BYTES;

  private Hdf5Dataset() {}

  static int[] shape(ObjectHeader header) {
    return header.getMessageOfType(DataSpaceMessage.class).getDataSpace().getDimensions();
  }

  /**
   * Reads the numbers of a dataset.
   *
   * @param place the name of the dataset in errors
   */
  static Tensor read(
      String file,
      String place,
      String name,
      ObjectHeader header,
      BoundedStorage storage,
      LoadMemory memory) {
    int[] shape = shape(header);
    long length = header.getMessageOfType(DataSpaceMessage.class).getDataSpace().getTotalLength();
    FloatingPoint type = type(header.getMessageOfType(DataTypeMessage.class).getDataType());
    // Before anything is allocated: the file must hold the numbers.
    ByteBuffer bytes = bytes(header, Math.multiplyExact(length, type.getSize()), storage);
    bytes.order(type.getByteOrder());
    memory.take(file, Math.multiplyExact(length, BYTES_A_NUMBER));
    float[] data = new float[Math.toIntExact(length)];
    for (int i = 0; i < data.length; i++) {
      data[i] = type.getSize() == Float.BYTES ? bytes.getFloat() : (float) bytes.getDouble();
      if (!Float.isFinite(data[i])) {
        throw new InvalidFileException(
            file, place, "expected finite float32 numbers, found " + data[i] + " at index " + i);
      }
    }
    return new Tensor(name, shape, data);
  }

  private static FloatingPoint type(DataType type) {
    if (type instanceof FloatingPoint number) {
      boolean single = isIeee(number, Float.BYTES, 23, 8, Float.MAX_EXPONENT);
      if (single || isIeee(number, Double.BYTES, 52, 11, Double.MAX_EXPONENT)) {
        return number;
      }
    }
    String found = type.getClass().getSimpleName() + " of " + type.getSize() + " bytes";
    throw new HdfException("expected float32 or float64, found " + found);
  }

  private static boolean isIeee(
      FloatingPoint type, int size, int mantissa, int exponent, int bias) {
    return type.getSize() == size
        && type.getMantissaLocation() == 0
        && type.getMantissaSize() == mantissa
        && type.getExponentLocation() == mantissa
        && type.getExponentSize() == exponent
        && type.getExponentBias() == bias
        && type.getSignLocation() == 8 * size - 1;
  }

  private static ByteBuffer bytes(ObjectHeader header, long length, BoundedStorage storage) {
    DataLayoutMessage layout = header.getMessageOfType(DataLayoutMessage.class);
    if (layout instanceof ContiguousDataLayoutMessage contiguous) {
      return storage.numbers(contiguous.getAddress(), length);
    }
    if (layout instanceof CompactDataLayoutMessage compact) {
      return compact.getDataBuffer().slice(0, Math.toIntExact(length));
    }
    throw new HdfException(
        "expected contiguous storage, found another layout, such as chunks"
            + " (h5repack -f NONE -l CONTI rewrites the file)");
  }
}
