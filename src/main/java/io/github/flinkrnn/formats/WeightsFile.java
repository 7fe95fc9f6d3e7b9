package io.github.flinkrnn.formats;

import io.github.flinkrnn.kernel.Kernel;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A weights file and what its reader needs besides.
 *
 * @param files the directory of the file
 * @param name the name of the file
 * @param words the size of the vocabulary; 0 for a model of features or fields
 * @param embeddings the embeddings of categories, for a model of fields
 * @param memory the memory that the reader may use
 * @param kernel the kernel that computes the network
 */
@Internal
public record WeightsFile(
    ModelFiles files,
    String name,
    int words,
    List<CategoryTensor> embeddings,
    LoadMemory memory,
    Kernel kernel) {

  /**
   * The embedding of a category in {@code input.fields}.
   *
   * @param field the name of the field
   * @param place of the field in config.json
   * @param tensor the name of the tensor
   * @param categories the rows that it must have
   */
  public record CategoryTensor(String field, String place, String tensor, int categories) {}

  /** The name of the file in errors. */
  public String path() {
    return files.path(name);
  }

  /** A hint for an embedding with one row more than there are words; else empty. */
  public static String extraRow(int rows, int words) {
    return rows == words + 1
        ? "; if id 0 is padding, put a line for it, such as <pad>, at the top of vocab.txt"
        : "";
  }
}
