package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.Undecided;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
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

/** Format 1 of the state of a key, byte by byte. Later versions must always be able to read it. */
class SequenceStateSerializerTest {
  private static final SequenceStateSerializer SERIALIZER = new SequenceStateSerializer();
  private static final String MODEL = "efcdab8967452301";
  private static final long PRINT = 0x0123456789abcdefL;
  private static final float OTHER_NAN = Float.intBitsToFloat(0xffc12345);

  private static SequenceState sequence(long model, long t, long expires, float... values) {
    return new SequenceState(model, t, expires, 0, values, null, null);
  }

  private static SequenceState undecided(Undecided undecided) {
    SequenceState state = sequence(PRINT, 2, 0);
    state.undecidedAre(undecided);
    return state;
  }

  private static SequenceState position(Position position) {
    return new SequenceState(0, 0, 0, 0, null, null, position);
  }

  static Stream<Arguments> golden() {
    long none = Position.NONE;
    return Stream.of(
        // how many bytes, which sections, model, t, number of floats, floats, expires
        Arguments.of(sequence(PRINT, 1, 0, 1), "0f 01" + MODEL + "01 01 0000803f"),
        Arguments.of(sequence(-1, 127, 0), "0b 01 ffffffffffffffff 7f 00"),
        Arguments.of(
            sequence(PRINT, 300, 1_800_000_000_000L, 0, -0f),
            "1a 03" + MODEL + "ac02 02 00000000 00000080 80a0f1c2b134"),
        Arguments.of(
            sequence(PRINT, Long.MAX_VALUE, 0, Float.NaN, OTHER_NAN),
            "1b 01" + MODEL + "ffffffffffffffff7f 02 0000c07f 4523c1ff"),
        // the Kafka timestamp of the last record, signed
        Arguments.of(
            new SequenceState(PRINT, 1, 0, -1, new float[0], null, null),
            "0c 05" + MODEL + "01 00 01"),
        // the last prediction: no field but the key and t
        Arguments.of(
            new SequenceState(
                PRINT,
                1,
                0,
                0,
                new float[0],
                new Prediction("k", 1, null, null, null, null, null, null, null, null, null),
                null),
            "0f 09" + MODEL + "01 00 00 03 6b 01"),
        // a token whose prediction waits: how many, a word of the key k, deadline, event time
        Arguments.of(
            undecided(new Undecided(new Token[] {Token.of("k", "a")}, 5, true)),
            "14 8120" + MODEL + "02 00 01 01 03 6b 03 61 0a 01"),
        Arguments.of(
            undecided(new Undecided(new Token[] {Token.of("k", "a"), Token.of("k", 1f)}, 0, false)),
            "1c 8120" + MODEL + "02 00 02 01 03 6b 03 61 02 03 6b 01 0000803f 00 00"),
        // a position without a sequence: seq; waiting tokens; all sections
        Arguments.of(position(new Position(-3, none, 0, null, 0, none, 0, none)), "02 10 05"),
        Arguments.of(
            position(new Position(none, none, 2, By.SEQ, 300, none, 0, none)), "05 40 02 02 ac02"),
        Arguments.of(
            position(new Position(1, 2, 3, By.TIMESTAMP, 0, 4, 5, 6)),
            "0a f007 02 04 03 01 00 08 0a 0c"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void writesTheFormat(SequenceState state, String hex) throws IOException {
    assertThat(HexFormat.of().formatHex(write(state))).isEqualTo(hex.replace(" ", ""));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void readsTheFormat(SequenceState state, String hex) throws IOException {
    assertSame(read(bytes(hex)), state);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void copiesBytesAsTheyAre(SequenceState state, String hex) throws IOException {
    assertThat(copy(bytes(hex))).isEqualTo(bytes(hex));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void failsWhereverTheBytesAreTruncated(SequenceState state, String hex) {
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
      float[] values = new float[random.nextInt(random.nextInt(100) == 0 ? 5000 : 40)];
      for (int j = 0; j < values.length; j++) {
        values[j] = Float.intBitsToFloat(random.nextInt());
      }
      long t = 1 + (random.nextLong() >>> (1 + random.nextInt(63)));
      long expires = random.nextLong() >>> random.nextInt(64);
      long time = random.nextLong() >> random.nextInt(64);
      Position position =
          random.nextBoolean()
              ? null
              : new Position(
                  random.nextLong() >> random.nextInt(64),
                  random.nextLong(),
                  1 + random.nextInt(1_000_000),
                  random.nextBoolean() ? By.SEQ : By.TIMESTAMP,
                  random.nextLong() >>> random.nextInt(64),
                  random.nextLong(),
                  random.nextLong(),
                  random.nextLong());
      SequenceState state =
          new SequenceState(random.nextLong(), t, expires, time, values, null, position);
      byte[] bytes = write(state);
      assertSame(read(bytes), state);
      assertThat(copy(bytes)).isEqualTo(bytes);
    }
  }

  /** 4 bytes per float and about 20 more, which is the cost of a key. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64, 127, 128, 1024})
  void isOnlySlightlyLongerThanItsValues(int values) throws IOException {
    SequenceState state = sequence(PRINT, 2_000_000, 4_102_444_800_000L, new float[values]);
    assertThat(write(state)).hasSize(RnnFunction.stateBytes(values));
    assertThat(RnnFunction.stateBytes(values)).isLessThanOrEqualTo(4 * values + 22);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "14 01" + MODEL + "01 ffffffffffffffffff01", // -1 floats
        "0f 01" + MODEL + "01 808004 0000", // more floats than bytes
        "ffffffff0f 01", // a record of 4 GiB
        "0b 01" + MODEL + "00 00", // t = 0
        "05 40 02 03 ac02", // waiting tokens in an unknown order
        "05 40 00 02 ac02", // 0 waiting tokens
        "08 40 8080808008 02 00", // 2^31 waiting tokens
        "0d 40 ffffffffffffffffff01 02 00", // -1 waiting tokens
        "04 40 02 01 00", // tokens that wait by time, without a time
        "02 02 01", // an expiry without a sequence: its timer would be set again whenever it fires
        "02 04 01", // a time without a sequence
        "05 08 00 03 6b 01" // a last prediction without a sequence
      })
  void rejectsImpossibleStates(String hex) {
    assertThatThrownBy(() -> read(bytes(hex))).isInstanceOf(IOException.class);
  }

  @Test
  void rejectsAnUnknownSection() {
    assertThatThrownBy(() -> read(bytes("02 8040")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "a sequence's state: expected the fields of this version of flink-rnn, found others");
  }

  @Test
  void anyBytesAreAStateOrAnIoException() {
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      try {
        SequenceState state = read(bytes);
        assertThat(state.values() == null || state.values().length < 16).isTrue();
      } catch (IOException expected) {
        assertThat(expected).isNotNull();
      }
    }
  }

  @Test
  void theSnapshotBesideTheStateSaysItsFormat() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, SERIALIZER.snapshotConfiguration());
    String name = "io.github.flinkrnn.operator.SequenceStateSerializer$Snapshot";
    DataOutputSerializer expected = new DataOutputSerializer(256);
    expected.writeUTF(name);
    expected.writeInt(1);
    assertThat(out.getCopyOfBuffer()).isEqualTo(expected.getCopyOfBuffer());

    TypeSerializerSnapshot<SequenceState> read = readSnapshot(out.getCopyOfBuffer());
    assertThat(read.restoreSerializer()).isEqualTo(SERIALIZER);
    assertThat(
            SERIALIZER.snapshotConfiguration().resolveSchemaCompatibility(read).isCompatibleAsIs())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 7})
  void rejectsAnUnknownFormat(int format) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeUTF(SequenceStateSerializer.Snapshot.class.getName());
    out.writeInt(format);
    byte[] bytes = out.getCopyOfBuffer();
    assertThatThrownBy(() -> readSnapshot(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage("a sequence's state: expected format 1, found format " + format);
  }

  private static TypeSerializerSnapshot<SequenceState> readSnapshot(byte[] bytes)
      throws IOException {
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(bytes), SequenceStateSerializerTest.class.getClassLoader());
  }

  private static byte[] write(SequenceState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    SERIALIZER.serialize(state, out);
    return out.getCopyOfBuffer();
  }

  private static SequenceState read(byte[] bytes) throws IOException {
    return SERIALIZER.deserialize(new DataInputDeserializer(bytes));
  }

  private static byte[] copy(byte[] bytes) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    SERIALIZER.copy(new DataInputDeserializer(bytes), out);
    return out.getCopyOfBuffer();
  }

  /** Compares raw bits, because a NaN must keep its bits. */
  private static void assertSame(SequenceState actual, SequenceState expected) {
    assertThat(actual.model()).isEqualTo(expected.model());
    assertThat(actual.t()).isEqualTo(expected.t());
    assertThat(actual.expires()).isEqualTo(expected.expires());
    assertThat(actual.time()).isEqualTo(expected.time());
    assertThat(rawBits(actual)).isEqualTo(rawBits(expected));
    assertThat(actual.last()).isEqualTo(expected.last());
    assertThat(actual.undecided()).isEqualTo(expected.undecided());
    assertThat(actual.position()).isEqualTo(expected.position());
  }

  private static int[] rawBits(SequenceState state) {
    int[] bits = new int[state.values() == null ? 0 : state.values().length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(state.values()[i]);
    }
    return bits;
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
