package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.model.RnnModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A model directory in memory, made of the files of a case and then changed. */
public final class KerasFiles implements ModelFiles {
  private final Map<String, byte[]> files = new HashMap<>();

  /** A file of the resources in {@code /keras}, or in a folder next to it. */
  static byte[] resource(String path) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            KerasFiles.class.getResourceAsStream(
                path.startsWith("../") ? path.substring(2) : "/keras/" + path),
            path)) {
      return in.readAllBytes();
    }
  }

  KerasFiles with(String name, byte[] bytes) {
    files.put(name, bytes);
    return this;
  }

  /** Single quotes stand for double quotes. */
  KerasFiles with(String name, String text) {
    return with(name, text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /** An archive of three entries, with the weights of a case. */
  KerasFiles archive(String config, String weightsOf) throws IOException {
    Map<String, byte[]> entries = entries(resource(weightsOf + "/model/model.keras"));
    entries.put("config.json", config.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return with("model.keras", zip(entries));
  }

  /** The archive of a case whose file fixes its number of steps. */
  public static byte[] withSteps(String name, int steps) throws IOException {
    Map<String, byte[]> entries = entries(resource(name + "/model/model.keras"));
    String config = new String(entries.get("config.json"), StandardCharsets.UTF_8);
    String fixed = config.replace("[null, null, ", "[null, " + steps + ", ");
    entries.put("config.json", fixed.getBytes(StandardCharsets.UTF_8));
    return zip(entries);
  }

  static Map<String, byte[]> entries(byte[] zip) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  RnnModel load() throws IOException {
    return RnnModel.load(this);
  }

  @Override
  public String location() {
    return "m";
  }

  @Override
  public boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public long size(String name) {
    return files.get(name).length;
  }

  @Override
  public InputStream open(String name) {
    return new ByteArrayInputStream(files.get(name));
  }
}
