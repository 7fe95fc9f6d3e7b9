package io.github.flinkrnn.formats;

import io.github.flinkrnn.config.InvalidFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.annotation.Internal;

/** Recognizes what a clone of a repository has in the place of a large file: a Git LFS pointer. */
@Internal
public final class GitLfs {
  private static final byte[] POINTER =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST_BYTES = 1024; // by the specification of Git LFS

  private GitLfs() {}

  /**
   * Fails if a file is a pointer.
   *
   * @throws InvalidFileException that says how to get the file
   */
  public static void refusePointer(ModelFiles files, String name) throws IOException {
    if (files.size(name) > MOST_BYTES) {
      return;
    }
    byte[] first;
    try (InputStream in = files.open(name)) {
      first = in.readNBytes(POINTER.length);
    }
    if (Arrays.equals(first, POINTER)) {
      throw new InvalidFileException(
          files.path(name),
          "",
          "expected weights, found a Git LFS pointer to them; run git lfs pull in the clone");
    }
  }
}
