package io.github.flinkrnn.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats of the records, byte by byte. Later versions must always be able to read them. */
class RecordFormatTest {
  private static final Origin ORIGIN = new Origin("in", 3, 300);
  private static final byte[] BYTES = {1, -2};

  static Stream<Arguments> golden() {
    return Stream.of(
        // length, fields, key, and then the fields in their order
        arguments(Token.of("k", "cat"), "07 01 03 6b 07 636174"),
        arguments(Token.of("k", 1f, -0.5f), "0c 02 03 6b 02 0000803f 000000bf"),
        arguments(
            new Token(null, null, null, null, null, true, true, null, null), //
            "02 30 00"),
        arguments(
            new Token(
                "ü",
                "",
                new float[0],
                -7L,
                1_700_000_000_000L,
                false,
                true,
                new String[] {null, "1"},
                ORIGIN),
            "1a af03 05 c3bc 01 00 0d 80a0abfef962 02 00 03 31 08 00 05 696e 03 ac02"),
        arguments(
            // Half of a surrogate pair, in UTF-16.
            Token.of("a\ud800", "😀"), "0b 01 0a 0061 d800 09 f09f9880"),
        arguments(
            new Token("k", null, null, null, null, null, false, false, true, null, null), //
            "03 40 03 6b"),
        arguments(
            new Prediction("k", 1, null, null, null, null, null, null, null, null, null),
            "04 00 03 6b 01"),
        arguments(
            new Prediction(
                "k",
                2,
                null,
                null,
                null,
                null,
                null,
                0.5f,
                300,
                2f,
                new String[] {"A"},
                new float[] {1},
                null,
                true,
                null,
                null,
                null,
                null,
                null,
                null),
            "1a 80bc01 03 6b 02 01 0000003f ac02 01 03 41 01 0000803f 01 00000040"),
        arguments(
            new Prediction(
                "k", 300, "cat", "A", new float[] {0.5f}, null, null, null, null, null, null),
            "10 07 03 6b ac02 07 636174 03 41 01 0000003f"),
        arguments(
            new Prediction(
                "k",
                1,
                null,
                null,
                null,
                new float[] {1},
                new float[] {2},
                1L,
                -1L,
                "m@1",
                new String[] {"{}"}),
            "19 f803 03 6b 01 01 0000803f 01 00000040 02 01 07 6d4031 01 05 7b7d"),
        arguments(
            new Prediction(
                "k",
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                null,
                new SourceRecord(BYTES, null, 2, 5L, null)),
            "0b 8040 03 6b 01 05 02 01fe 02 0a"),
        arguments(decided(true), "06 808004 03 6b 01"),
        arguments(decided(false), "06 808008 03 6b 01"),
        arguments(new SourceRecord(null, null, 0, null, null), "02 00 00"),
        arguments(
            new SourceRecord(BYTES, BYTES, 2, 5L, ORIGIN),
            "0f 0f 02 01fe 02 01fe 02 0a 05 696e 03 ac02"),
        arguments(
            new RejectedRecord(Reason.EMPTY, "x", new SourceRecord(null, null, 0, null, null)), //
            "0b 00 0b 656d707479 03 78 00 00"),
        arguments(
            new RejectedRecord(
                Reason.TOO_DEEP, "", new SourceRecord(BYTES, BYTES, 9, null, ORIGIN)),
            "19 00 11 746f6f2d64656570 01 0b 02 01fe 02 01fe 09 05 696e 03 ac02"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void writesTheFormat(Object record, String hex) throws IOException {
    assertThat(HexFormat.of().formatHex(write(record))).isEqualTo(hex.replace(" ", ""));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void readsTheFormat(Object record, String hex) throws IOException {
    assertThat(Components.of(read(record.getClass(), bytes(hex)))).isEqualTo(Components.of(record));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void copiesBytesUnchanged(Object record, String hex) throws IOException {
    assertThat(pass(record.getClass(), bytes(hex))).isEqualTo(bytes(hex));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void failsWhereverTheBytesAreTruncated(Object record, String hex) {
    byte[] whole = bytes(hex);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(record.getClass(), cut)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> pass(record.getClass(), cut)).isInstanceOf(IOException.class);
      if (length > 0) {
        // The record itself is truncated, with the smaller length in front.
        cut[0] = (byte) (length - 1);
        assertThatThrownBy(() -> read(record.getClass(), cut)).isInstanceOf(IOException.class);
      }
    }
  }

  private static Prediction decided(boolean isFinal) {
    return new Prediction(
        "k", 1, null, null, null, null, null, null, null, null, null, null, null, false, isFinal,
        null, null, null, null, null);
  }

  @Test
  void rejectsAPredictionThatIsFinalAndProvisional() throws Exception {
    assertThatThrownBy(() -> read(type("Prediction"), bytes("06 80800c 03 6b 01")))
        .isInstanceOf(IOException.class)
        .hasMessage("a prediction: expected final or provisional, found both");
  }

  /** A later version may have written them, so they must not be dropped silently. */
  @ParameterizedTest
  @CsvSource({
    "Token, 04 8010 03 6b, a token",
    "Prediction, 06 808010 03 6b 01, a prediction",
    "SourceRecord, 03 8001 00, a source record",
    "RejectedRecord, 0a 10 0b 656d707479 03 78 00, a rejected record"
  })
  void rejectsAnUnknownField(String type, String hex, String what) throws Exception {
    assertThatThrownBy(() -> read(type(type), bytes(hex)))
        .isInstanceOf(IOException.class)
        .hasMessage(what + ": expected the fields of this version of flink-rnn, found others");
  }

  @ParameterizedTest
  @CsvSource({
    "Token, 08 01 03 6b 07 636174 00, a token",
    "Prediction, 05 00 03 6b 01 00, a prediction",
    "SourceRecord, 03 00 00 00, a source record",
  })
  void rejectsBytesAfterTheLastField(String type, String hex, String what) throws Exception {
    assertThatThrownBy(() -> read(type(type), bytes(hex)))
        .isInstanceOf(IOException.class)
        .hasMessage(what + ": expected its end, found 1 more bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"06656d7074", "00"})
  void rejectsAnUnknownReason(String reason) {
    byte[] body = bytes("00" + reason + "03 78 00");
    byte[] whole = new byte[body.length + 1];
    whole[0] = (byte) body.length;
    System.arraycopy(body, 0, whole, 1, body.length);
    assertThatThrownBy(() -> read(RejectedRecord.class, whole)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource({"Token, 1", "Prediction, 1", "SourceRecord, 1", "RejectedRecord, 1"})
  void theSnapshotBesideARecordSaysItsFormat(String type, int format) throws Exception {
    TypeSerializer<Object> serializer = serializer(type(type));
    DataOutputSerializer out = new DataOutputSerializer(256);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    assertThat(out.getCopyOfBuffer()).isEqualTo(snapshot(type, format));

    for (int each = 1; each <= format; each++) {
      TypeSerializerSnapshot<Object> read = readSnapshot(snapshot(type, each));
      assertThat(read.restoreSerializer()).isEqualTo(serializer);
      assertThat(
              serializer
                  .snapshotConfiguration()
                  .resolveSchemaCompatibility(read)
                  .isCompatibleAsIs())
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Token, 0, a token",
    "Token, 2, a token",
    "Prediction, 7, a prediction",
    "SourceRecord, 2, a source record",
    "RejectedRecord, 3, a rejected record"
  })
  void rejectsAnUnknownFormat(String type, int format, String what) throws Exception {
    byte[] bytes = snapshot(type, format);
    assertThatThrownBy(() -> readSnapshot(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage(what + ": expected format 1, found format " + format);
  }

  private static byte[] snapshot(String type, int format) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeUTF("io.github.flinkrnn.sequence." + type + "Serializer$Snapshot");
    out.writeInt(format);
    return out.getCopyOfBuffer();
  }

  private static TypeSerializerSnapshot<Object> readSnapshot(byte[] bytes) throws IOException {
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(bytes), RecordFormatTest.class.getClassLoader());
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName("io.github.flinkrnn.sequence." + name);
  }

  @SuppressWarnings("unchecked")
  private static TypeSerializer<Object> serializer(Class<?> type) {
    return (TypeSerializer<Object>)
        TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
  }

  private static byte[] write(Object record) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1);
    serializer(record.getClass()).serialize(record, out);
    return out.getCopyOfBuffer();
  }

  private static Object read(Class<?> type, byte[] bytes) throws IOException {
    return serializer(type).deserialize(new DataInputDeserializer(bytes));
  }

  private static byte[] pass(Class<?> type, byte[] bytes) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(1);
    serializer(type).copy(new DataInputDeserializer(bytes), out);
    return out.getCopyOfBuffer();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
