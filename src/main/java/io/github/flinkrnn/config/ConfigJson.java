package io.github.flinkrnn.config;

import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Parses JSON from untrusted files. Strict, with bounded depth and memory. */
@Internal
public final class ConfigJson {
  private static final int MAX_DEPTH = 32;
  static final StreamReadConstraints BOUNDS =
      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();

  private static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(BOUNDS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final Pattern AFTER_FIRST_LINE = Pattern.compile("\\R.*", Pattern.DOTALL);

  private ConfigJson() {}

  /**
   * Parses one JSON document, with nothing after it.
   *
   * @param file the name of the file in errors
   * @param place the part of the file that holds the JSON; empty for the whole file
   * @throws InvalidFileException when it is empty, null or not JSON
   */
  public static JsonNode parse(String file, String place, byte[] json) {
    return parse("JSON", file, place, () -> JSON.readTree(json));
  }

  /** Parses one document of a format, and turns each failure into one line. */
  static JsonNode parse(String format, String file, String place, Supplier<JsonNode> reading) {
    try {
      JsonNode root = reading.get();
      if (root == null || root.isMissingNode() || root.isNull()) {
        throw new InvalidFileException(
            file, place, "expected " + format + ", found an empty or null document");
      }
      return root;
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      String why = AFTER_FIRST_LINE.matcher(e.getOriginalMessage()).replaceFirst("");
      throw new InvalidFileException(
          file, place, "cannot be read as " + format + where + ": " + why);
    } catch (StackOverflowError e) {
      throw new InvalidFileException(
          file, place, "cannot be read as " + format + ": nested too deeply");
    }
  }
}
