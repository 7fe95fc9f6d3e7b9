package io.github.flinkrnn.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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

/** Parses JSON and YAML that people write or that a hostile hand changed: strict and bounded. */
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
   * @param file how to name it in an error
   * @param place what part of the file this is, empty for all of it
   */
  public static JsonNode parse(String file, String place, byte[] json) {
    return parse("JSON", file, place, () -> JSON.readTree(json));
  }

  /**
   * Parses one YAML document, without aliases (Jackson would take {@code *a} for the text a) and
   * with names of at most {@value #MAX_NAME} characters (the path of a field is made of them).
   */
  public static JsonNode parseYaml(String file, byte[] yaml) {
    String text = text(file, yaml);
    JsonNode root = parse("YAML", file, "", () -> YAML.readTree(reader(text)));
    try (YAMLParser parser = (YAMLParser) YAML.createParser(reader(text))) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          String alias = "has the alias *" + parser.getString();
          throw wrong(file, alias, parser, "its value there");
        } else if (parser.currentToken() == JsonToken.PROPERTY_NAME
            && parser.currentName().length() > MAX_NAME) {
          String name = "has a name of " + parser.currentName().length() + " characters";
          throw wrong(file, name, parser, "at most " + MAX_NAME);
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
      throw new InvalidFileException(file, "", "is not YAML: not UTF-8");
    }
  }

  /**
   * SnakeYAML fills its buffer and then, where that has halved a surrogate pair, wants one
   * character more: there must be room for it.
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
      String file, String what, YAMLParser parser, String expected) {
    int line = parser.currentTokenLocation().getLineNr();
    return new InvalidFileException(file, "", what + " at line " + line + ", expected " + expected);
  }

  private static JsonNode parse(
      String format, String file, String place, Supplier<JsonNode> reading) {
    try {
      JsonNode root = reading.get();
      if (root == null || root.isMissingNode() || root.isNull()) {
        throw new InvalidFileException(file, place, "is empty, expected " + format);
      }
      return root;
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where =
          at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      String why = AFTER_FIRST_LINE.matcher(e.getOriginalMessage()).replaceFirst("");
      throw new InvalidFileException(file, place, "is not " + format + where + ": " + why);
    } catch (StackOverflowError e) {
      throw new InvalidFileException(file, place, "is nested too deeply to be " + format);
    }
  }
}
