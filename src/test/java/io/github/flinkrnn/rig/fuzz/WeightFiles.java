package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Changes weights files: their bytes, or their content in the terms of the format. */
final class WeightFiles {
  private WeightFiles() {}

  static byte[] mutated(String file, byte[] bytes, Random random) {
    boolean meaning = random.nextBoolean();
    if (meaning && file.endsWith(".safetensors")) {
      return safetensors(bytes, random);
    }
    if (file.endsWith(".keras") && random.nextInt(4) > 0) {
      return archive(bytes, random);
    }
    return meaning && file.endsWith(".onnx")
        ? ProtoMutator.mutated(bytes, random)
        : Mutator.damage(bytes, random);
  }

  /** Changes the JSON of the header, with a correct length. */
  private static byte[] safetensors(byte[] file, Random random) {
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] header = Arrays.copyOfRange(file, 8, 8 + length);
    byte[] changed =
        random.nextInt(4) == 0
            ? Mutator.damage(header, random, Mutator.JSON_PIECES)
            : JsonMutator.mutated(header, random);
    byte[] prefix =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length).array();
    return Mutator.replaced(Mutator.replaced(file, 0, prefix, 8), 8, changed, 8 + length);
  }

  /** Changes an entry of the archive, with a correct checksum. */
  private static byte[] archive(byte[] zip, Random random) {
    Map<String, byte[]> entries = entries(zip);
    List<String> names = new ArrayList<>(entries.keySet());
    String name = Hostile.one(names, random);
    byte[] bytes = entries.get(name);
    switch (random.nextInt(12)) {
      case 0 -> entries.remove(name);
      case 1 -> entries.put(Hostile.string(random).replaceAll("\\p{Cs}", ""), bytes);
      case 2 -> entries.put(Hostile.one(names, random), bytes);
      default ->
          entries.put(
              name,
              name.endsWith(".json") && random.nextInt(4) > 0
                  ? JsonMutator.mutated(bytes, random)
                  : Mutator.damage(bytes, random));
    }
    return zip(entries, random.nextInt(4) > 0);
  }

  private static Map<String, byte[]> entries(byte[] zip) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip), UTF_8)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries, boolean compressed) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes, UTF_8)) {
      zip.setLevel(compressed ? 6 : 0);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
