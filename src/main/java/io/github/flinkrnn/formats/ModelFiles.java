package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;

/** The files of one model directory, on any file system. */
@Internal
public interface ModelFiles {
  /** The maximum number of names in a listing. */
  int MOST_LISTED = 1000;

  /** The directory as the user named it. */
  String location();

  /** Whether the directory has a file of this name. */
  boolean exists(String name) throws IOException;

  /** The length of a file in bytes. */
  long size(String name) throws IOException;

  /**
   * Opens a file from its beginning. The caller closes the stream.
   *
   * @throws IOException when the file does not exist or cannot be read
   */
  InputStream open(String name) throws IOException;

  /**
   * Opens a file at an offset. The caller closes the stream.
   *
   * @param from how many bytes to skip
   * @throws IOException when the file does not exist, is shorter or cannot be read
   */
  default InputStream open(String name, long from) throws IOException {
    InputStream in = open(name);
    boolean whole = false;
    try {
      in.skipNBytes(from);
      whole = true;
      return in;
    } finally {
      if (!whole) {
        in.close();
      }
    }
  }

  /** Whether a file is inside the directory, and no link to a file outside it. */
  default boolean isInside(String name) throws IOException {
    return true; // a file system without links
  }

  /**
   * The names in a directory, sorted; those of directories end with a slash. At most {@link
   * #MOST_LISTED} names. Empty if there is no such directory, or if it cannot be listed.
   *
   * @param directory a path that ends with a slash, or an empty string for the model directory
   */
  default List<String> list(String directory) throws IOException {
    return List.of();
  }

  /** The files of a directory within this one. */
  default ModelFiles within(String directory) {
    ModelFiles all = this;
    return new ModelFiles() {
      @Override
      public String location() {
        return all.path(directory);
      }

      @Override
      public boolean exists(String name) throws IOException {
        return all.exists(directory + name);
      }

      @Override
      public long size(String name) throws IOException {
        return all.size(directory + name);
      }

      @Override
      public InputStream open(String name) throws IOException {
        return all.open(directory + name);
      }

      @Override
      public List<String> list(String below) throws IOException {
        return all.list(directory + below);
      }

      @Override
      public InputStream open(String name, long from) throws IOException {
        return all.open(directory + name, from);
      }

      @Override
      public boolean isInside(String name) throws IOException {
        return all.isInside(directory + name);
      }
    };
  }

  /** The name of a file of the directory in errors. */
  default String path(String name) {
    String location = location();
    return location.endsWith("/") ? location + name : location + "/" + name;
  }

  /**
   * Reads a whole small file.
   *
   * @throws InvalidFileException when the file is longer than {@code most} bytes
   */
  default byte[] read(String name, int most) throws IOException {
    try (InputStream in = open(name)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new InvalidFileException(
            path(name), "", "expected at most " + most + " bytes, found more");
      }
      return bytes;
    }
  }

  /**
   * The files of a local directory. Only regular files are read: reading a pipe could take forever.
   */
  static ModelFiles of(Path directory) {
    return new ModelFiles() {
      @Override
      public String location() {
        return directory.toString();
      }

      @Override
      public boolean exists(String name) {
        try {
          Path file = directory.resolve(name);
          return Files.exists(file) && !Files.isDirectory(file);
        } catch (InvalidPathException e) { // no file can have a name of these characters
          return false;
        }
      }

      @Override
      public long size(String name) throws IOException {
        return Files.size(regular(name));
      }

      @Override
      public InputStream open(String name) throws IOException {
        return Files.newInputStream(regular(name));
      }

      @Override
      public boolean isInside(String name) throws IOException {
        return directory.resolve(name).toRealPath().startsWith(directory.toRealPath());
      }

      @Override
      public List<String> list(String name) throws IOException {
        List<String> names = new ArrayList<>();
        Path listed = directory.resolve(name);
        if (!Files.isDirectory(listed)) {
          return names;
        }
        try (Stream<Path> paths = Files.list(listed)) {
          paths
              .limit(MOST_LISTED)
              .forEach(
                  path -> names.add(path.getFileName() + (Files.isDirectory(path) ? "/" : "")));
        } catch (UncheckedIOException e) {
          throw e.getCause();
        }
        Collections.sort(names);
        return names;
      }

      private Path regular(String name) {
        Path file = directory.resolve(name);
        if (Files.exists(file) && !Files.isRegularFile(file)) {
          throw new InvalidFileException(
              path(name), "", "expected a regular file, found a directory, pipe, socket or device");
        }
        return file;
      }
    };
  }
}
