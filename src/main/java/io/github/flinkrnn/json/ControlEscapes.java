package io.github.flinkrnn.json;

import io.github.flinkrnn.config.Shown;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/**
 * Escapes, besides what JSON requires, DEL, the controls of Latin-1 and the characters that change
 * the direction of text. The JSON value is the same, and it is safe to show on a terminal.
 */
final class ControlEscapes extends CharacterEscapes {
  static final ControlEscapes INSTANCE = new ControlEscapes();

  private static final long serialVersionUID = 1L;
  private static final int DEL = 0x7f;

  private ControlEscapes() {}

  @Override
  public int[] getEscapeCodesForAscii() {
    int[] codes = standardAsciiEscapesForJSON();
    codes[DEL] = ESCAPE_STANDARD;
    return codes;
  }

  @Override
  public SerializableString getEscapeSequence(int c) {
    return Shown.isControl(c) ? new SerializedString(Shown.escape(c)) : null;
  }
}
