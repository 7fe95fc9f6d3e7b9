package io.github.flinkrnn.formats;

import io.github.flinkrnn.kernel.Kernel;

/**
 * A file of weights, and what its reader needs besides.
 *
 * @param files the directory that it is in
 * @param name of the file
 * @param words how many the vocabulary has; 0 for features
 * @param memory that the reader may take
 * @param kernel that computes the network
 */
public record WeightsFile(
    ModelFiles files, String name, int words, LoadMemory memory, Kernel kernel) {

  /** How errors name it. */
  public String path() {
    return files.path(name);
  }

  /** For an error about an embedding: what a row more than the words may be; else nothing. */
  public static String extraRow(int rows, int words) {
    return rows == words + 1
        ? "; if id 0 is padding, put a line for it, such as <pad>, at the top of vocab.txt"
        : "";
  }
}
