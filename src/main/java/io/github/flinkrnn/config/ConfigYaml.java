package io.github.flinkrnn.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.annotation.Internal;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Parses YAML from untrusted files, with the bounds of {@link ConfigJson}. Only job files need it,
 * so that a program without them needs no YAML library.
 */
@Internal
public final class ConfigYaml {
  private static final int MAX_NAME = 250;
  private static final ObjectMapper YAML =
      YAMLMapper.builder(YAMLFactory.builder().streamReadConstraints(ConfigJson.BOUNDS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private ConfigYaml() {}

  /**
   * Parses one YAML document. Aliases are rejected, because Jackson reads {@code *a} as the string
   * a. Field names have at most {@value #MAX_NAME} characters, because errors quote them.
   *
   * @param file the name of the file in errors
   * @throws InvalidFileException when it is empty, null or not such YAML
   */
  public static JsonNode parse(String file, byte[] yaml) {
    String text = text(file, yaml);
    JsonNode root = ConfigJson.parse("YAML", file, "", () -> YAML.readTree(reader(text)));
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
}
