package io.github.flinkrnn.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes that no serializer wrote. They give an IOException, and no array is allocated for a length
 * that the bytes do not reach.
 */
class HostileRecordTest {
  private final TokenSerializer tokens = new TokenSerializer();

  private Token read(String hex) throws IOException {
    return read(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  private Token read(byte[] bytes) throws IOException {
    return tokens.deserialize(new DataInputDeserializer(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "ffffffff07, 2147483647", // Integer.MAX_VALUE
    "8180808004, 1073741825", // 2^30 + 1
  })
  void rejectsAnImpossibleLength(String length, String said) {
    assertThatThrownBy(() -> read(length))
        .isInstanceOf(IOException.class)
        .hasMessage("a token: expected at most 1073741824 bytes, found " + said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ffffffff0f", "8080808010", "808080808001", "ffffffffffffffffff01"})
  void rejectsALengthOfMoreThan31Bits(String length) {
    assertThatThrownBy(() -> read(length))
        .isInstanceOf(IOException.class)
        .hasMessage("a token: expected at most 1073741824 bytes, found more");
  }

  /**
   * A gigabyte is declared, and one byte follows. The heap of the tests could not hold it often.
   */
  @Test
  void allocatesNothingForMissingBytes() {
    for (int i = 0; i < 1000; i++) {
      assertThatThrownBy(() -> read("8080808004 00")).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "05 01 ff 636174", // a number that does not end
        "0c 80808080808080808080 01 00", // of more than 64 bits
        "05 01 03 6b 09 63", // a string of 4 bytes, of which 1 follows
        "0c 01 03 6b ffffffffffffffff7f", // a string of very many bytes
        "0d 01 03 6b ffffffffffffffffff01",
        "08 02 03 6b 02 0000803f", // floats
        "0d 02 03 6b ffffffffffffffffff01", // -1 floats
        "0a 02 03 6b 8080808004 00", // 2^30 floats
        "08 8001 03 6b 04 00 00 00", // carried values
        "0a 8001 03 6b 8080808004",
      })
  void rejectsAPartThatDoesNotFit(String hex) {
    assertThatThrownBy(() -> read(hex)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "03 80", // only a continuation
        "05 e282", // truncated
        "05 c0af", // overlong
        "07 eda080", // half of a surrogate pair
        "09 f4908080", // beyond Unicode
        "07 efbfbe80", // U+FFFE and a continuation
        "04 61", // UTF-16 of one byte
        "06 0061", // UTF-16 of a string that UTF-8 can encode
        "0a d83dde00",
      })
  void rejectsInvalidStrings(String text) {
    String body = "01 03 6b" + text;
    int length = body.replace(" ", "").length() / 2;
    assertThatThrownBy(() -> read(HexFormat.of().toHexDigits((byte) length) + body))
        .isInstanceOf(IOException.class);
  }

  @Test
  void acceptsAReplacementCharacter() throws IOException {
    assertThat(read("08 01 03 6b 09 61efbfbd").token()).isEqualTo("a\ufffd");
  }

  /** The serializer is used again after an error, and must not keep anything of it. */
  @Test
  void continuesAfterAnError() throws IOException {
    assertThatThrownBy(() -> read("7f 01")).isInstanceOf(IOException.class);
    assertThat(read("07 01 03 6b 07 636174")).isEqualTo(Token.of("k", "cat"));
    assertThatThrownBy(() -> read("05 01 ff 636174")).isInstanceOf(IOException.class);
    assertThat(read("07 01 03 6b 07 636174")).isEqualTo(Token.of("k", "cat"));
  }

  @Test
  void anyBytesAreATokenOrAnIoException() {
    Random random = new Random(17);
    int tokensRead = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(40)];
      random.nextBytes(bytes);
      bytes[0] = (byte) (bytes.length - 1);
      if (bytes.length > 2) {
        bytes[2] &= 0x0f;
      }
      tokensRead += isToken(bytes) ? 1 : 0;
    }
    assertThat(tokensRead).isGreaterThan(50);
  }

  /**
   * With one changed byte, the result is another token that is written as it was read, or an
   * IOException.
   */
  @Test
  void aFlippedByteIsATokenOrAnIoException() throws IOException {
    Random random = new Random(19);
    String[] carried = {"1", null, "{\"a\":\"Größe\"}"};
    Token token =
        new Token(
            "k😀", "cat", new float[] {1, 2}, 7L, 8L, true, false, carried, new Origin("in", 3, 9));
    DataOutputSerializer out = new DataOutputSerializer(64);
    tokens.serialize(token, out);
    byte[] whole = out.getCopyOfBuffer();
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = Arrays.copyOf(whole, whole.length);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      isToken(bytes);
    }
  }

  private boolean isToken(byte[] bytes) {
    try {
      Token token = read(bytes);
      DataOutputSerializer out = new DataOutputSerializer(64);
      tokens.serialize(token, out);
      assertThat(Components.of(read(out.getCopyOfBuffer()))).isEqualTo(Components.of(token));
      return true;
    } catch (IOException expected) {
      return false;
    }
  }
}
