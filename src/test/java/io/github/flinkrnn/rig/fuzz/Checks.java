package io.github.flinkrnn.rig.fuzz;

import io.github.flinkrnn.config.Shown;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checks of everything that is printed or written about a hostile input. */
final class Checks {
  /**
   * The maximum length of a message of an {@link io.github.flinkrnn.config.InvalidFileException},
   * which cuts at 600.
   */
  static final int MOST_MESSAGE = 700;

  private static final Pattern HALVES = Pattern.compile("\\p{Cs}");

  private Checks() {}

  static void expect(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static void expect(boolean holds, String otherwise, String of) {
    if (!holds) {
      throw new AssertionError(otherwise + ": " + shown(of));
    }
  }

  /**
   * Expects one line of at most this many characters, without control characters and halves of
   * surrogate pairs.
   */
  static void oneLine(String message, int most) {
    expect(message != null && !message.isBlank(), "says nothing");
    expect(message.chars().noneMatch(Shown::isControl), "is not one plain line", message);
    expect(!HALVES.matcher(message).find(), "halves a surrogate pair", message);
    expect(message.length() <= most, "is a line of " + message.length() + " characters");
  }

  /** Expects one JSON value in UTF-8, within Jackson's default limits. */
  static JsonNode json(byte[] json) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      expect(text.chars().noneMatch(Shown::isControl), "JSON with a raw control", text);
      return JsonMapper.shared().readTree(text);
    } catch (CharacterCodingException e) {
      throw new AssertionError("JSON that is not UTF-8", e);
    } catch (JacksonException e) {
      throw new AssertionError("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Any string, made safe for a terminal. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && i < 300; i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7f;
      shown.append(plain ? String.valueOf(c) : Shown.escape(c));
    }
    return shown.toString();
  }
}
