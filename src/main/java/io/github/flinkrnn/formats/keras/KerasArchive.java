package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A {@code .keras} file: a zip of {@code config.json} (the architecture), {@code metadata.json}
 * (the version of Keras) and {@code model.weights.h5}. Bytes are counted while they are
 * decompressed, because the sizes in a zip cannot be trusted.
 */
final class KerasArchive {
  static final String CONFIG = "config.json";
  static final String METADATA = "metadata.json";
  static final String WEIGHTS = "model.weights.h5";

  static final int MAX_JSON = 1 << 20;
  private static final int MAX_FILE = Integer.MAX_VALUE - 16;
  private static final int MAX_ENTRIES = 10_000;
  // Weights hardly compress, so Keras stores them uncompressed.
  private static final int MAX_INFLATION = 64;

  private final String file;
  private final LoadMemory memory;
  private final Map<String, byte[]> entries = new HashMap<>();
  private long left;

  private KerasArchive(String file, long most, LoadMemory memory) {
    this.file = file;
    this.left = most;
    this.memory = memory;
  }

  static KerasArchive open(String file, byte[] zip, LoadMemory memory) {
    long most = Math.min(MAX_FILE, MAX_JSON + (long) zip.length * MAX_INFLATION);
    KerasArchive archive = new KerasArchive(file, most, memory);
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      archive.inflate(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidFileException(file, "", "cannot be read as a zip: " + e.getMessage());
    }
    return archive;
  }

  /** A required file in the zip. */
  byte[] entry(String name) {
    byte[] bytes = entries.get(name);
    if (bytes == null) {
      throw new InvalidFileException(file, name, "missing: expected a Keras model in the zip");
    }
    return bytes;
  }

  private void inflate(ZipInputStream in) throws IOException {
    int count = 0;
    for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
      String name = entry.getName();
      if (++count > MAX_ENTRIES) {
        throw new InvalidFileException(
            file, "", "expected at most " + MAX_ENTRIES + " files in the zip, found more");
      }
      boolean isJson = name.equals(CONFIG) || name.equals(METADATA);
      boolean isNeeded = isJson || name.equals(WEIGHTS);
      byte[] bytes = inflate(in, name, isJson ? MAX_JSON : Long.MAX_VALUE, isNeeded);
      if (isNeeded && entries.put(name, bytes) != null) {
        throw new InvalidFileException(
            file, name, "expected one file of this name in the zip, found two");
      }
    }
  }

  private byte[] inflate(InputStream in, String name, long most, boolean keep) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] chunk = new byte[1 << 16];
    long length = 0;
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      length += n;
      left -= n;
      if (length > most || left < 0) {
        throw new InvalidFileException(
            file, name, "expected fewer bytes, found more than such a file may decompress to");
      }
      if (keep) {
        memory.take(file, n);
        memory.expect(file, 3 * length); // the array grows and is copied at the end
        out.write(chunk, 0, n);
      }
    }
    return out.toByteArray();
  }

  /** Reads a whole file of at most 2 GiB. */
  static byte[] read(ModelFiles files, String name, LoadMemory memory) throws IOException {
    long size = files.size(name);
    if (size > MAX_FILE) {
      throw new InvalidFileException(files.path(name), "", "expected at most 2 GiB, found more");
    }
    memory.take(files.path(name), size);
    byte[] bytes = new byte[(int) size];
    try (InputStream in = files.open(name)) {
      int read = in.readNBytes(bytes, 0, bytes.length);
      if (read < bytes.length) {
        String problem = "expected " + bytes.length + " bytes, found the end of the file after ";
        throw new InvalidFileException(files.path(name), "", problem + read);
      }
    }
    return bytes;
  }
}
