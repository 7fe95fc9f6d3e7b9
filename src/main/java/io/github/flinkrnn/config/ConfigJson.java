package io.github.flinkrnn.config;

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
    return parse(JSON, "JSON", file, place, json);
  }

  /**
   * Parses one YAML document, without aliases (Jackson would take {@code *a} for the text a) and
   * with names of at most {@value #MAX_NAME} characters (the path of a field is made of them).
   */
  public static JsonNode parseYaml(String file, byte[] yaml) {
    JsonNode root = parse(YAML, "YAML", file, "", yaml);
    try (YAMLParser parser = (YAMLParser) YAML.createParser(yaml)) {
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

  private static InvalidFileException wrong(
      String file, String what, YAMLParser parser, String expected) {
    int line = parser.currentTokenLocation().getLineNr();
    return new InvalidFileException(file, "", what + " at line " + line + ", expected " + expected);
  }

  private static JsonNode parse(
      ObjectMapper mapper, String format, String file, String place, byte[] text) {
    try {
      JsonNode root = mapper.readTree(text);
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
