package io.github.flinkrnn.formats.safetensors;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.GitLfs;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.NamedTensors;
import io.github.flinkrnn.formats.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.annotation.Internal;
import tools.jackson.databind.JsonNode;

/**
 * Reads tensors from several safetensors files (shards) next to an index, {@code {"weight_map":
 * {"fc.weight": "model-00001-of-00002.safetensors"}}}, as Hugging Face's libraries write them. All
 * files are untrusted: a shard is a file in the directory of the index, and each tensor is in
 * exactly the shard that the index says.
 */
@Internal
public final class ShardedSafeTensors {
  private static final int MAX_INDEX = 1 << 20; // as the header of one file
  private static final int MAX_SHARDS = 100;
  private static final String END = ".safetensors";
  private static final String MAP = "weight_map";

  private final ModelFiles files;
  private final String index;

  private ShardedSafeTensors(ModelFiles files, String index) {
    this.files = files;
    this.index = files.path(index);
  }

  /**
   * Reads all tensors of all shards.
   *
   * @param index the name of the index
   * @throws InvalidFileException when a file is damaged, or the index does not fit the shards
   */
  public static NamedTensors read(ModelFiles files, String index, LoadMemory memory)
      throws IOException {
    return new ShardedSafeTensors(files, index).read(files.read(index, MAX_INDEX), memory);
  }

  private NamedTensors read(byte[] json, LoadMemory memory) throws IOException {
    Map<String, String> shardOf = map(ConfigJson.parse(index, "", json));
    Set<String> shards = new TreeSet<>(shardOf.values());
    if (shards.size() > MAX_SHARDS) {
      throw invalid(MAP, "expected at most " + MAX_SHARDS + " files, found " + shards.size());
    }
    expectFiles(shardOf);
    Map<String, Tensor> floats = new LinkedHashMap<>();
    Map<String, String> integers = new LinkedHashMap<>();
    for (String shard : shards) {
      NamedTensors read = SafeTensors.read(files, shard, memory);
      for (Tensor tensor : read.floats().values()) {
        expectPlace(tensor.name(), shard, shardOf);
        floats.put(tensor.name(), tensor);
      }
      for (Map.Entry<String, String> integer : read.integers().entrySet()) {
        expectPlace(integer.getKey(), shard, shardOf);
        integers.put(integer.getKey(), integer.getValue());
      }
    }
    shardOf.forEach(
        (tensor, shard) -> {
          if (!floats.containsKey(tensor) && !integers.containsKey(tensor)) {
            throw invalid(place(tensor), "expected " + files.path(shard) + " to hold the tensor");
          }
        });
    return new NamedTensors(floats, integers);
  }

  /** The shard of each tensor. */
  private Map<String, String> map(JsonNode root) {
    JsonNode map = root.path(MAP);
    if (!map.isObject() || map.isEmpty()) {
      throw invalid(MAP, "expected an object with the file of each tensor");
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = entry.getValue().isString() ? entry.getValue().stringValue() : "";
      // The user trusts only this directory.
      boolean isPath = shard.contains("/") || shard.contains("\\") || shard.contains("\0");
      if (isPath || !shard.endsWith(END) || shard.startsWith(".")) {
        throw invalid(
            place(entry.getKey()),
            "expected the name of a "
                + END
                + " file in the directory of the index, found "
                + (entry.getValue().isString() ? "'" + shard + "'" : "no string"));
      }
      shardOf.put(entry.getKey(), shard);
    }
    return shardOf;
  }

  /** Checks that the shards exist, and the sum of their sizes. */
  private void expectFiles(Map<String, String> shardOf) throws IOException {
    long bytes = 0;
    Set<String> seen = new LinkedHashSet<>();
    for (Map.Entry<String, String> entry : shardOf.entrySet()) {
      if (!seen.add(entry.getValue())) {
        continue;
      }
      if (!files.exists(entry.getValue())) {
        throw invalid(
            place(entry.getKey()),
            "missing: expected the file '" + entry.getValue() + "' in the directory of the index");
      }
      GitLfs.refusePointer(files, entry.getValue());
      bytes += files.size(entry.getValue());
      if (bytes > SafeTensors.MAX_FILE) {
        throw invalid(MAP, "expected files of at most 2 GiB in all, found more");
      }
    }
  }

  private void expectPlace(String tensor, String shard, Map<String, String> shardOf) {
    String expected = shardOf.get(tensor);
    if (!shard.equals(expected)) {
      throw new InvalidFileException(
          files.path(shard),
          "tensor '" + tensor + "'",
          expected == null
              ? "expected a tensor that " + index + " lists"
              : "expected the tensor only in " + expected + ", as " + index + " says");
    }
  }

  private static String place(String tensor) {
    return MAP + "['" + tensor + "']";
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(index, place, problem);
  }
}
