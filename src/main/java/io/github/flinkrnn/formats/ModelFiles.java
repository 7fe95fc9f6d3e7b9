package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of one model directory, wherever it is. */
public interface ModelFiles {
  /** The directory as the user named it. */
  String location();

  /** Whether a file of this name is in the directory. */
  boolean exists(String name) throws IOException;

  /** Length in bytes. */
  long size(String name) throws IOException;

  /**
   * The file's bytes from its beginning; the caller closes.
   *
   * @throws IOException when it is not there or cannot be read
   */
  InputStream open(String name) throws IOException;

  /** How errors name a file of the directory. */
  default String path(String name) {
    String location = location();
    return location.endsWith("/") ? location + name : location + "/" + name;
  }

  /**
   * A whole file that is expected to be small.
   *
   * @throws InvalidFileException when it is longer than {@code most} bytes
   */
  default byte[] read(String name, int most) throws IOException {
    try (InputStream in = open(name)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new InvalidFileException(path(name), "", "is longer than " + most + " bytes");
      }
      return bytes;
    }
  }

  /**
   * A directory of this machine; of its files, regular ones only: a pipe would be read for ever.
   */
  static ModelFiles of(Path directory) {
    return new ModelFiles() {
      @Override
      public String location() {
        return directory.toString();
      }

      @Override
      public boolean exists(String name) {
        Path file = directory.resolve(name);
        return Files.exists(file) && !Files.isDirectory(file);
      }

      @Override
      public long size(String name) throws IOException {
        return Files.size(regular(name));
      }

      @Override
      public InputStream open(String name) throws IOException {
        return Files.newInputStream(regular(name));
      }

      private Path regular(String name) {
        Path file = directory.resolve(name);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
          throw new InvalidFileException(
              path(name), "", "is a pipe, a socket or a device, expected a regular file");
        }
        return file;
      }
    };
  }
}
