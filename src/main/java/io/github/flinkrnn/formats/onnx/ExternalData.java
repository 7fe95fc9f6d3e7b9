package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Reads the numbers of tensors from the files that a model file names (onnx/onnx.proto,
 * "external_data"). The model file is untrusted: only files in the model directory are read, and
 * memory is allocated only for bytes that a file has. Not thread-safe.
 */
final class ExternalData implements Closeable {
  /** The keys of a reference. The last two are ignored. */
  private static final Set<String> KEYS =
      Set.of("location", "offset", "length", "checksum", "basepath");

  private static final int SMALL_GAP = 1 << 16; // alignment between tensors

  private final ModelFiles files;
  private final String file;
  private final LoadMemory memory;
  private InputStream open; // null if no file is open
  private String name = ""; // of the open file
  private long at; // the position in the open file

  /**
   * @param files the model directory
   * @param file the name of the model file in errors
   * @param memory checked for the bytes that {@link #read} returns; they are not counted
   */
  ExternalData(ModelFiles files, String file, LoadMemory memory) {
    this.files = files;
    this.file = file;
    this.memory = memory;
  }

  /**
   * The bytes of a tensor.
   *
   * @param tensor its name, for errors
   * @param reference the key-value pairs of {@code external_data}
   * @param bytes how many bytes its numbers take
   * @throws InvalidFileException when the reference is invalid, or its file has no such bytes
   */
  byte[] read(String tensor, Map<String, String> reference, long bytes) throws IOException {
    for (String key : reference.keySet()) {
      if (!KEYS.contains(key)) {
        throw invalid(tensor, "expected location, offset and length, found '" + key + "'");
      }
    }
    String location = location(tensor, reference.getOrDefault("location", ""));
    long offset = number(tensor, "offset", reference.getOrDefault("offset", "0"));
    String length = reference.get("length");
    if (length != null && number(tensor, "length", length) != bytes) {
      throw invalid(tensor, "expected a length of " + bytes + " bytes, found " + length);
    }
    long size = files.size(location);
    if (offset > size || bytes > size - offset) {
      String problem = "expected " + bytes + " bytes from byte " + offset + " of " + location;
      throw invalid(tensor, problem + ", found a file of " + size);
    }
    if (bytes > Integer.MAX_VALUE - 8) {
      throw invalid(tensor, "expected less than 2 GiB, found " + bytes + " bytes");
    }
    memory.expect(file, 2 * bytes); // it is copied once
    seek(location, offset);
    byte[] numbers = open.readNBytes((int) bytes);
    at += numbers.length;
    if (numbers.length != bytes) {
      throw invalid(tensor, "expected " + bytes + " bytes, but " + location + " ended early");
    }
    return numbers;
  }

  /** The name of an existing file in the model directory, or in a directory below it. */
  private String location(String tensor, String given) throws IOException {
    String location = given.startsWith("./") ? given.substring(2) : given;
    boolean isPath =
        location.chars().allMatch(c -> c >= ' ' && c != '\\' && c != ':' && c != 0x7f)
            && Arrays.stream(location.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!isPath) {
      throw invalid(
          tensor, "expected external data in the model directory, found location '" + given + "'");
    }
    if (!files.exists(location)) {
      String problem = "expected its numbers in the file " + location;
      throw invalid(
          tensor, problem + " of the model directory (external data), found no such file");
    }
    if (!files.isInside(location)) {
      String problem = "expected external data in the model directory, found " + location;
      throw invalid(tensor, problem + ", which is a link to a file outside it");
    }
    return location;
  }

  private long number(String tensor, String key, String value) {
    if (!value.matches("[0-9]{1,18}")) {
      throw invalid(tensor, "expected " + key + " to be a number of bytes, found '" + value + "'");
    }
    return Long.parseLong(value);
  }

  private void seek(String location, long offset) throws IOException {
    long gap = offset - at;
    if (open != null && name.equals(location) && gap >= 0 && gap <= SMALL_GAP) {
      open.skipNBytes(gap);
    } else {
      close();
      open = files.open(location, offset);
      name = location;
    }
    at = offset;
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  private InvalidFileException invalid(String tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor + "'", problem);
  }
}
