package io.github.flinkrnn.formats.safetensors;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The JSON header of a safetensors file. It is checked before any weights are read, by the rules of
 * the format's specification: the bytes of each tensor match its dtype and shape, and the tensors
 * fill the rest of the file without gaps or overlaps.
 */
final class SafeTensorsHeader {
  private static final int MAX_DIMENSIONS = 8;
  private static final Pattern QUANTIZED = Pattern.compile("F[468](_.*)?"); // F8_E4M3 and so on

  /** One tensor: the bytes from {@code begin} to {@code end} after the header. */
  record Entry(String name, DType dtype, int[] shape, int length, long begin, long end) {}

  private final String file;

  private SafeTensorsHeader(String file) {
    this.file = file;
  }

  /**
   * @param json the header's bytes
   * @param dataLength the number of bytes after the header
   * @return the entries in the order of their bytes
   */
  static List<Entry> parse(String file, byte[] json, long dataLength) {
    if (json.length == 0 || json[0] != '{') {
      throw new InvalidFileException(file, "header", "expected a JSON object at byte 8");
    }
    return new SafeTensorsHeader(file).entries(ConfigJson.parse(file, "header", json), dataLength);
  }

  private List<Entry> entries(JsonNode header, long dataLength) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.add(entry(field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : entries) {
      if (entry.begin() != at) {
        String fault = entry.begin() < at ? "an overlap with the tensor before it" : "a gap";
        throw invalid(
            entry.name(),
            "expected data_offsets to begin at " + at + ", found " + entry.begin() + ": " + fault);
      }
      at = entry.end();
    }
    if (at != dataLength) {
      throw new InvalidFileException(
          file, "header", "expected " + at + " bytes of tensors, found " + dataLength);
    }
    return entries;
  }

  private Entry entry(String name, JsonNode node) {
    JsonNode offsets = node.path("data_offsets");
    JsonNode dimensions = node.path("shape");
    if (!node.isObject()
        || node.size() != 3
        || !node.path("dtype").isString()
        || !isNaturals(dimensions)
        || !isNaturals(offsets)
        || offsets.size() != 2) {
      throw invalid(name, "expected {dtype: string, shape: [numbers], data_offsets: [begin, end]}");
    }
    DType dtype = dtype(name, node.path("dtype").stringValue());
    int[] shape = shape(name, dimensions);
    long length = 1;
    for (int dimension : shape) {
      length *= dimension; // both below 2^31: no overflow
      if (length > Integer.MAX_VALUE) {
        throw invalid(name, "expected fewer than 2^31 numbers, found " + Tensor.shapeText(shape));
      }
    }
    long begin = offsets.get(0).longValue();
    long end = offsets.get(1).longValue();
    if (end - begin != length * dtype.bytes) {
      String offsetsFound = "data_offsets [" + begin + ", " + end + "]";
      throw invalid(
          name,
          "expected "
              + length * dtype.bytes
              + " bytes for "
              + dtype
              + " "
              + Tensor.shapeText(shape)
              + ", found "
              + offsetsFound);
    }
    return new Entry(name, dtype, shape, (int) length, begin, end);
  }

  private DType dtype(String tensor, String name) {
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    String expected = "expected dtype F32, F64, F16, BF16 or an integer type, found '" + name + "'";
    throw invalid(
        tensor,
        QUANTIZED.matcher(name).matches()
            ? expected + ": a quantized model is not supported; save the model before that"
            : expected);
  }

  private int[] shape(String name, JsonNode dimensions) {
    int[] shape = new int[dimensions.size()];
    if (shape.length > MAX_DIMENSIONS) {
      throw invalid(name, "expected at most 8 dimensions, found " + shape.length);
    }
    for (int i = 0; i < shape.length; i++) {
      long dimension = dimensions.get(i).longValue();
      if (dimension > Integer.MAX_VALUE) {
        throw invalid(name, "expected dimensions below 2^31, found " + dimension);
      }
      shape[i] = (int) dimension;
    }
    return shape;
  }

  private static boolean isNaturals(JsonNode array) {
    boolean naturals = array.isArray();
    for (JsonNode element : array) {
      naturals &=
          element.isIntegralNumber() && element.canConvertToLong() && element.longValue() >= 0;
    }
    return naturals;
  }

  private InvalidFileException invalid(String tensor, String problem) {
    return new InvalidFileException(file, "tensor '" + tensor + "'", problem);
  }
}
