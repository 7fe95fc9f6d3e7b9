package io.github.flinkrnn.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Parses JSON and YAML from untrusted files. Strict, with bounded depth and memory. */
@Internal
public final class ConfigJson {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME = 250;
  private static final StreamReadConstraints BOUNDS =
      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();

  private static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(BOUNDS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final ObjectMapper YAML =
      YAMLMapper.builder(YAMLFactory.builder().streamReadConstraints(BOUNDS).build())
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

  /**
   * Parses one YAML document. Aliases are rejected, because Jackson reads {@code *a} as the string
   * a. Field names have at most {@value #MAX_NAME} characters, because errors quote them.
   *
   * @param file the name of the file in errors
   * @throws InvalidFileException when it is empty, null or not such YAML
   */
  public static JsonNode parseYaml(String file, byte[] yaml) {
    String text = text(file, yaml);
    JsonNode root = parse("YAML", file, "", () -> YAML.readTree(reader(text)));
    try (YAMLParser parser = (YAMLParser) YAML.createParser(reader(text))) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw wrong(file, "a value", "the alias *" + parser.getString(), parser);
        } else if (parser.currentToken() == JsonToken.PROPERTY_NAME
            && parser.currentName().length() > MAX_NAME) {
          String expected = "a field name of at most " + MAX_NAME + " characters";
          throw wrong(file, expected, parser.currentName().length() + " characters", parser);
        }
      }
    }
    return root;
  }

  private static String text(String file, byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new InvalidFileException(file, "", "cannot be read as YAML: not UTF-8");
    }
  }

  /**
   * Leaves one character of SnakeYAML's buffer free. When the buffer ends inside a surrogate pair,
   * SnakeYAML reads one more character into it.
   */
  private static Reader reader(String text) {
    return new StringReader(text) {
      @Override
      public int read(char[] to, int at, int length) throws IOException {
        return super.read(to, at, length > 1 ? length - 1 : length);
      }
    };
  }

  private static InvalidFileException wrong(
      String file, String expected, String found, YAMLParser parser) {
    String where = " at line " + parser.currentTokenLocation().getLineNr();
    return new InvalidFileException(file, "", "expected " + expected + ", found " + found + where);
  }

  private static JsonNode parse(
      String format, String file, String place, Supplier<JsonNode> reading) {
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
