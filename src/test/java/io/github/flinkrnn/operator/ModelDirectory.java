package io.github.flinkrnn.operator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes small model directories, in the notation of the course. */
public final class ModelDirectory {
  private ModelDirectory() {}

  /** Four words, one-hot, into a hidden state of length two; labels A and B; no unknown token. */
  public static Path words(Path directory) throws IOException {
    Files.writeString(directory.resolve("vocab.txt"), "the\ncat\nsat\ndown\n");
    return write(
        directory,
        "{\"input\": {\"type\": \"vocabulary\"}, \"output\": {\"labels\": [\"A\", \"B\"]}}",
        "{\"Waa\": [[0.5, -0.25], [0.125, 0.75]],"
            + " \"Wax\": [[1, -1, 0.5, 0.25], [-0.5, 0.25, 1, -1]],"
            + " \"Wya\": [[1, -2], [-1, 0.5]], \"ba\": [0.1, -0.1], \"by\": [0, 0.25]}");
  }

  /**
   * A model that predicts the next word: b after a, then c, then {@code <end>}, then a again. It
   * depends only on the last word: the logit of the next word is 5 tanh(3), the others are 0.
   */
  public static Path cycle(Path directory) throws IOException {
    Files.writeString(directory.resolve("vocab.txt"), "a\nb\nc\n<end>\n");
    return write(
        directory,
        "{\"input\": {\"type\": \"vocabulary\"}, \"name\": \"cycle\", \"version\": \"1\"}",
        "{\"Waa\": [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],"
            + " \"Wax\": [[3, 0, 0, 0], [0, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 3]],"
            + " \"Wya\": [[0, 0, 0, 5], [5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0]]}");
  }

  /** Three features into a hidden state of length two. */
  public static Path threeFeatures(Path directory) throws IOException {
    return write(
        directory,
        "{\"input\": {\"type\": \"features\", \"size\": 3}}",
        "{\"Waa\": [[0.5, -0.25], [0.125, 0.75]],"
            + " \"Wax\": [[1, -1, 0.5], [-0.5, 0.25, 1]], \"Wya\": [[1, -2], [-1, 0.5]]}");
  }

  /**
   * One feature, one hidden unit, no bounds: a&lt;t&gt; = relu(0.5 a&lt;t-1&gt; + 1e30 x&lt;t&gt;),
   * y&lt;t&gt; = head * a&lt;t&gt;.
   */
  public static Path unbounded(Path directory, String head) throws IOException {
    return write(
        directory,
        "{\"nonlinearity\": \"relu\", \"input\": {\"type\": \"features\"},"
            + " \"output\": {\"activation\": \"identity\"}}",
        "{\"Waa\": [[0.5]], \"Wax\": [[1e30]], \"Wya\": [[" + head + "]]}");
  }

  /**
   * Two layers like that of {@link #unbounded}, in PyTorch's format. The lower layer can overflow
   * to infinity while the upper layer, relu(-a), and the head stay at zero.
   */
  public static Path hiddenOverflow(Path directory) throws IOException {
    Files.writeString(
        directory.resolve("config.json"),
        "{\"nonlinearity\": \"relu\", \"input\": {\"type\": \"features\"}, \"output\": {\"activation\": \"identity\"}}");
    String[] names = {
      "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.weight_ih_l1", "rnn.weight_hh_l1", "out.weight"
    };
    float[] weights = {1e30f, 0.5f, -1, 0.5f, 1};
    StringBuilder header = new StringBuilder("{");
    ByteBuffer values = ByteBuffer.allocate(4 * names.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < names.length; i++) {
      header.append(i == 0 ? "" : ",").append('"').append(names[i]);
      header.append("\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[");
      header.append(4 * i).append(',').append(4 * i + 4).append("]}");
      values.putFloat(weights[i]);
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + values.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(values.array());
    Files.write(directory.resolve("model.safetensors"), file.array());
    return directory;
  }

  /** Any model whose weights are in {@code parameters.json}. */
  public static Path write(Path directory, String config, String parameters) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
    Files.writeString(directory.resolve("parameters.json"), parameters);
    return directory;
  }
}
