package io.github.flinkrnn.formats.parameters;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.formats.LoadMemory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads an object of arrays of numbers, number by number. Each row must be as long as the row
 * before it, and memory grows only with the numbers in the file.
 */
final class ParametersJson {
  private static final int MAX_DEPTH = 32;
  // The kernel keeps a second copy in its own layout.
  private static final long BYTES_A_NUMBER = 2 * Float.BYTES;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * The numbers of a field, row by row.
   *
   * @param columns the length of each row; 0 for a flat array and for a value of another type
   */
  record Array(float[] numbers, int columns) {}

  private final String file;
  private final LoadMemory memory;
  private float[] numbers = new float[16];
  private int count;

  private ParametersJson(String file, LoadMemory memory) {
    this.file = file;
    this.memory = memory;
  }

  /** The fields of the object in file order. Each must be one of {@code names}. */
  static Map<String, Array> read(String file, byte[] json, List<String> names, LoadMemory memory) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      return new ParametersJson(file, memory).fields(parser, names);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new InvalidFileException(
          file,
          "",
          "cannot be read as JSON"
              + where
              + ": "
              + e.getOriginalMessage().lines().findFirst().get());
    }
  }

  private Map<String, Array> fields(JsonParser parser, List<String> names) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid("", "expected an object with Waa, Wax, Wya, ba and by");
    }
    Map<String, Array> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (!names.contains(name)) {
        String problem = "unknown field" + Nearest.hint(name, names);
        throw invalid(name, problem + "; expected " + String.join(", ", names));
      }
      parser.nextToken();
      fields.put(name, array(parser, name));
    }
    if (parser.nextToken() != null) {
      throw invalid("", "expected the end of the file after the object, found more");
    }
    return fields;
  }

  private Array array(JsonParser parser, String name) {
    count = 0;
    int columns = -1; // until the first element
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return new Array(new float[0], 0);
    }
    int row = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken(), row++) {
      String place = name + "[" + row + "]";
      if (token != JsonToken.START_ARRAY) {
        expectColumns(place, columns > 0 ? columns : 0, 0);
        columns = 0;
        add(parser, place);
      } else if (columns == 0) {
        throw notFinite(place);
      } else {
        columns = row(parser, place, columns);
        if (columns == 0) {
          throw invalid(name, "expected an array of rows of numbers");
        }
      }
    }
    return new Array(Arrays.copyOf(numbers, count), Math.max(columns, 0));
  }

  /** Reads a row and returns its length, which must be that of the row before it. */
  private int row(JsonParser parser, String place, int columns) {
    int found = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (found == columns) {
        expectColumns(place, columns, found + 1);
      }
      add(parser, place);
      found++;
    }
    if (columns > 0) {
      expectColumns(place, columns, found);
    }
    return found;
  }

  private void expectColumns(String place, int columns, int found) {
    if (columns != found) {
      throw invalid(place, "expected " + columns + " numbers, as in the row before");
    }
  }

  private void add(JsonParser parser, String place) {
    JsonToken token = parser.currentToken();
    boolean isNumber = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    float number = isNumber ? (float) Double.parseDouble(parser.getString()) : Float.NaN;
    if (!Float.isFinite(number)) {
      throw notFinite(place);
    }
    memory.take(file, BYTES_A_NUMBER);
    if (count == numbers.length) {
      memory.expect(file, (long) Float.BYTES * 3 * count); // doubled, and copied at the end
      numbers = Arrays.copyOf(numbers, 2 * count);
    }
    numbers[count++] = number;
  }

  private InvalidFileException notFinite(String place) {
    return invalid(place, "expected finite float32 numbers");
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }
}
