package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Format 1 of a hidden state, byte for byte: a savepoint of today must be read for ever. */
class HiddenStateSerializerTest {
  private static final HiddenStateSerializer SERIALIZER = HiddenStateSerializer.INSTANCE;
  private static final String MODEL = "0123456789abcdef";
  private static final long PRINT = 0x0123456789abcdefL;
  private static final float OTHER_NAN = Float.intBitsToFloat(0xffc12345);

  static Stream<Arguments> golden() {
    return Stream.of(
        // model, t, expires, number of values, values
        Arguments.of(new HiddenState(0, 0, 0, 0, new float[0]), "0000000000000000 00 00 00"),
        Arguments.of(new HiddenState(PRINT, 1, 0, 0, floats(1)), MODEL + "01 00 01 3f800000"),
        Arguments.of(
            new HiddenState(-1, 127, 128, 0, floats(-0.5f, 2)),
            "ffffffffffffffff 7f 8001 02 bf000000 40000000"),
        Arguments.of(
            new HiddenState(PRINT, 300, 1_800_000_000_000L, 0, floats(0, -0f)),
            MODEL + "ac02 80a0f1c2b134 02 00000000 80000000"),
        Arguments.of(
            new HiddenState(PRINT, Long.MAX_VALUE, 0, 0, floats(Float.MIN_VALUE)),
            MODEL + "ffffffffffffffff7f 00 01 00000001"),
        Arguments.of(
            new HiddenState(PRINT, -1, -1, 0, floats()),
            MODEL + "ffffffffffffffffff01 ffffffffffffffffff01 00"),
        Arguments.of(
            new HiddenState(PRINT, 1, 0, 0, floats(Float.NaN, OTHER_NAN, Float.NEGATIVE_INFINITY)),
            MODEL + "01 00 03 7fc00000 ffc12345 ff800000"),
        // with the time of a record: 2^25 + 1 values, then the time
        Arguments.of(
            new HiddenState(PRINT, 1, 0, 1_800_000_000_000L, floats(1)),
            MODEL + "01 00 81808010 80a0f1c2b134 3f800000"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void writesTheFormat(HiddenState state, String hex) throws IOException {
    assertThat(write(state)).isEqualTo(bytes(hex));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void readsTheFormat(HiddenState state, String hex) throws IOException {
    assertSame(read(bytes(hex)), state);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void copiesBytesAsTheyAre(HiddenState state, String hex) throws IOException {
    assertThat(copy(bytes(hex))).isEqualTo(bytes(hex));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void endsInAnErrorWhereverTheBytesAreCutOff(HiddenState state, String hex) {
    byte[] whole = bytes(hex);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> copy(cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anyStateComesBackBitForBit() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      // Now and then as long as the pieces that values are written in, and longer.
      int most = random.nextInt(100) == 0 ? 5000 : 40;
      float[] values = new float[i < 5 ? 1023 + i : random.nextInt(most)];
      for (int j = 0; j < values.length; j++) {
        values[j] = Float.intBitsToFloat(random.nextInt());
      }
      long t = random.nextLong() >>> random.nextInt(64);
      long expires = random.nextLong() >>> random.nextInt(64);
      long time = random.nextLong() >>> random.nextInt(64);
      HiddenState state = new HiddenState(random.nextLong(), t, expires, time, values);
      byte[] bytes = write(state);
      assertSame(read(bytes), state);
      assertThat(copy(bytes)).isEqualTo(bytes);
    }
  }

  /** 4 bytes a float and about 20 more: what a million keys cost. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64, 127, 128, 1024})
  void isHardlyLongerThanItsValues(int values) throws IOException {
    long in2100 = 4_102_444_800_000L;
    HiddenState state = new HiddenState(PRINT, 2_000_000, in2100, 0, new float[values]);
    assertThat(write(state).length).isLessThanOrEqualTo(4 * values + 19);
    HiddenState old = new HiddenState(PRINT, 1L << 40, in2100, 0, new float[values]);
    assertThat(write(old).length).isLessThanOrEqualTo(4 * values + 24);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ffffffffffffffffff01", // -1
        "80808080808080808001", // Long.MIN_VALUE
        "ffffffffffffffff7f", // Long.MAX_VALUE
        "8180808001", // 2^28 + 1, an array of 1 GiB
        "8080808010", // 2^32: as an int it would be 0
        "8080808018" // as an int it would be negative
      })
  void refusesALengthThatCannotBe(String length) {
    byte[] bytes = bytes(MODEL + "01 00" + length);
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("a hidden state of -?\\d+ values");
    assertThatThrownBy(() -> copy(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("a hidden state of -?\\d+ values");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "01", "01 00"})
  void refusesANumberThatDoesNotEnd(String before) {
    byte[] bytes = bytes(MODEL + before + "80".repeat(64));
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage("a number in a hidden state does not end");
    assertThatThrownBy(() -> copy(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage("a number in a hidden state does not end");
  }

  @Test
  void anyBytesAreAStateOrAnIoException() {
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      try {
        assertThat(read(bytes).values()).hasSizeLessThan(16);
      } catch (IOException expected) {
        assertThat(expected).isNotNull();
      }
    }
  }

  @Test
  void theSnapshotBesideTheStateSaysItsFormat() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, SERIALIZER.snapshotConfiguration());
    String name = "io.github.flinkrnn.operator.HiddenStateSerializer$Snapshot";
    DataOutputSerializer expected = new DataOutputSerializer(256);
    expected.writeUTF(name);
    expected.writeInt(2);
    assertThat(out.getCopyOfBuffer()).isEqualTo(expected.getCopyOfBuffer());

    TypeSerializerSnapshot<HiddenState> read = readSnapshot(out.getCopyOfBuffer());
    assertThat(read.restoreSerializer()).isEqualTo(SERIALIZER);
    assertThat(
            SERIALIZER.snapshotConfiguration().resolveSchemaCompatibility(read).isCompatibleAsIs())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 7})
  void refusesAFormatThatItDoesNotKnow(int format) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeUTF(HiddenStateSerializer.Snapshot.class.getName());
    out.writeInt(format);
    byte[] bytes = out.getCopyOfBuffer();
    assertThatThrownBy(() -> readSnapshot(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "hidden state of format " + format + ", this version of flink-rnn reads 1 to 2");
  }

  private static TypeSerializerSnapshot<HiddenState> readSnapshot(byte[] bytes) throws IOException {
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(bytes), HiddenStateSerializerTest.class.getClassLoader());
  }

  private static byte[] write(HiddenState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    SERIALIZER.serialize(state, out);
    return out.getCopyOfBuffer();
  }

  private static HiddenState read(byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    return SERIALIZER.deserialize(in);
  }

  private static byte[] copy(byte[] bytes) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    SERIALIZER.copy(new DataInputDeserializer(bytes), out);
    return out.getCopyOfBuffer();
  }

  /** Raw bits: a NaN is to stay the NaN that it was. */
  private static void assertSame(HiddenState actual, HiddenState expected) {
    assertThat(actual.model()).isEqualTo(expected.model());
    assertThat(actual.t()).isEqualTo(expected.t());
    assertThat(actual.expires()).isEqualTo(expected.expires());
    assertThat(actual.time()).isEqualTo(expected.time());
    assertThat(rawBits(actual)).isEqualTo(rawBits(expected));
  }

  private static int[] rawBits(HiddenState state) {
    int[] bits = new int[state.values().length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(state.values()[i]);
    }
    return bits;
  }

  private static float[] floats(float... values) {
    return values;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
