package io.github.flinkrnn.formats.safetensors;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.NamedTensors;
import io.github.flinkrnn.formats.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Reads a safetensors file (an 8-byte little-endian header length, a JSON header, the numbers) as
 * float32. The file is untrusted: any bytes lead to tensors or to one {@link InvalidFileException},
 * and memory stays within the size of the file, or twice that size for 16-bit formats.
 */
@Internal
public final class SafeTensors {
  private static final int LENGTH_BYTES = 8;
  // Over 5,000 tensors fit; a recurrent network has a dozen.
  private static final int MAX_HEADER = 1 << 20;
  static final long MAX_FILE = 1L << 31;
  private static final int CHUNK = 1 << 16;
  // As float32, and a second copy in the layout of the kernel.
  private static final long BYTES_A_NUMBER = 2 * Float.BYTES;

  private SafeTensors() {}

  /**
   * Reads all tensors of the file.
   *
   * @throws InvalidFileException when the file is damaged or holds numbers that are not finite
   */
  public static NamedTensors read(ModelFiles files, String name, LoadMemory memory)
      throws IOException {
    String file = files.path(name);
    long size = files.size(name);
    if (size > MAX_FILE) {
      throw new InvalidFileException(file, "", "expected at most 2 GiB, found more");
    }
    try (InputStream in = files.open(name)) {
      byte[] lengthBytes = exactly(in, LENGTH_BYTES, file, "header length");
      long length = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      long most = Math.min(MAX_HEADER, size - LENGTH_BYTES);
      if (length < 0 || length > most) {
        throw new InvalidFileException(
            file,
            "header length",
            "expected at most "
                + most
                + ", found "
                + Long.toUnsignedString(length)
                + hint(lengthBytes));
      }
      byte[] json = exactly(in, (int) length, file, "header");
      List<SafeTensorsHeader.Entry> entries =
          SafeTensorsHeader.parse(file, json, size - LENGTH_BYTES - length);
      long numbers =
          entries.stream().filter(e -> e.dtype().isFloat).mapToLong(e -> e.length()).sum();
      memory.take(file, BYTES_A_NUMBER * numbers);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Map<String, String> integers = new LinkedHashMap<>();
      for (SafeTensorsHeader.Entry entry : entries) {
        if (entry.dtype().isFloat) {
          tensors.put(entry.name(), tensor(in, file, entry));
        } else {
          skip(in, file, entry);
          integers.put(entry.name(), entry.dtype() + " " + Tensor.shapeText(entry.shape()));
        }
      }
      return new NamedTensors(tensors, integers);
    }
  }

  /** What the file is, if it has the name of a safetensors file but is none. */
  private static String hint(byte[] first) {
    boolean isZip = first[0] == 'P' && first[1] == 'K';
    boolean isPickle = (first[0] & 0xff) == 0x80 && first[1] >= 2 && first[1] <= 5;
    return isZip || isPickle
        ? "; it is a file of torch.save: load it in Python with torch.load(weights_only=True) and"
            + " save the state_dict with safetensors.torch.save_file"
        : "";
  }

  private static void skip(InputStream in, String file, SafeTensorsHeader.Entry entry)
      throws IOException {
    byte[] chunk = new byte[CHUNK];
    long length = entry.end() - entry.begin();
    for (long left = length; left > 0; left -= CHUNK) {
      fill(in, chunk, (int) Math.min(CHUNK, left), file, place(entry));
    }
  }

  private static String place(SafeTensorsHeader.Entry entry) {
    return "tensor '" + entry.name() + "'";
  }

  private static Tensor tensor(InputStream in, String file, SafeTensorsHeader.Entry entry)
      throws IOException {
    String place = place(entry);
    float[] data = new float[entry.length()];
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    long left = entry.end() - entry.begin();
    for (int i = 0; i < data.length; ) {
      int bytes = (int) Math.min(CHUNK, left);
      fill(in, chunk.clear().limit(bytes).array(), bytes, file, place);
      left -= bytes;
      int end = i + bytes / entry.dtype().bytes;
      if (entry.dtype() == DType.F32) { // nearly all files, some of a gigabyte
        chunk.asFloatBuffer().get(data, i, end - i);
      } else {
        for (int at = i; at < end; at++) {
          data[at] = entry.dtype().read(chunk);
        }
      }
      for (; i < end; i++) {
        if (!Float.isFinite(data[i])) {
          throw new InvalidFileException(
              file, place, "expected finite float32 numbers, found " + data[i] + " at index " + i);
        }
      }
    }
    return new Tensor(entry.name(), entry.shape(), data);
  }

  private static byte[] exactly(InputStream in, int length, String file, String place)
      throws IOException {
    byte[] bytes = new byte[length];
    fill(in, bytes, length, file, place);
    return bytes;
  }

  private static void fill(InputStream in, byte[] bytes, int length, String file, String place)
      throws IOException {
    int read = in.readNBytes(bytes, 0, length);
    if (read < length) {
      throw new InvalidFileException(
          file, place, "expected " + length + " bytes, found the end of the file after " + read);
    }
  }
}
