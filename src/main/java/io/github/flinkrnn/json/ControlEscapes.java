package io.github.flinkrnn.json;

import io.github.flinkrnn.config.Shown;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/**
 * Of the JSON that is written: besides what JSON demands, DEL, the controls of Latin-1 and those
 * that turn a text around are escaped. The record is the same, and a terminal that shows it is
 * safe.
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
