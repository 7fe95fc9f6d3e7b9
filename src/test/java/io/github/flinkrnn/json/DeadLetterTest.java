package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters are read as they were written. */
class DeadLetterTest {
  private static final Origin ORIGIN = new Origin("tokens", 3, 42);
  private static final RejectedRecordEncoder ENCODER = new RejectedRecordEncoder();

  private static DeadLetter written(
      Reason reason, String detail, byte[] value, boolean keyDropped) {
    return written(reason, detail, value, keyDropped, false);
  }

  private static DeadLetter written(
      Reason reason, String detail, byte[] value, boolean keyDropped, boolean headersDropped) {
    long length = value == null ? 0 : value.length;
    RejectedRecord rejected =
        new RejectedRecord(reason, detail, new SourceRecord(null, value, length, 1L, ORIGIN));
    byte[] json = ENCODER.serialize(rejected, 16 << 10, keyDropped, headersDropped);
    return DeadLetter.read(json).orElseThrow();
  }

  @Test
  void hasTheBytesOfItsRecord() {
    for (byte[] value :
        new byte[][] {
          "{\"a\":\"Größe \ud83d\ude00\u0000\"}\n".getBytes(UTF_8), {}, {'a', (byte) 0xff, 0}
        }) {
      DeadLetter letter = written(Reason.WRONG_TYPE, "x", value, false);
      assertThat(letter.record()).isEqualTo(value);
      assertThat(letter.topic()).isEqualTo("tokens");
      assertThat(letter.reason()).isEqualTo(Reason.WRONG_TYPE);
      assertThat(letter.element()).isEmpty();
      assertThat(letter.isCut() || letter.isKeyDropped() || letter.isOutput()).isFalse();
      assertThat(letter.areHeadersDropped()).isFalse();
    }
    assertThat(written(Reason.EMPTY, "x", null, false).record()).isNull();
  }

  @Test
  void saysWhatCannotBeSentAgain() {
    assertThat(written(Reason.LATE, "x", new byte[1 << 20], false).isCut()).isTrue();
    assertThat(written(Reason.LATE, "x", new byte[1], true).isKeyDropped()).isTrue();
    DeadLetter withoutHeaders = written(Reason.LATE, "x", new byte[1], false, true);
    assertThat(withoutHeaders.areHeadersDropped()).isTrue();
    assertThat(withoutHeaders.isKeyDropped()).isFalse();
    String output = "output: expected at most the topic's 9 bytes, found 10";
    assertThat(written(Reason.TOO_LARGE, output, new byte[1], false).isOutput()).isTrue();
    String field = "output: expected at most 9 characters, found 10"; // of a field of this name
    assertThat(written(Reason.TOO_LARGE, field, new byte[1], false).isOutput()).isFalse();
  }

  @Test
  void hasTheIndexOfAnElement() {
    String json = "{\"reason\":\"late\",\"record\":\"[]\",\"element\":2}";
    assertThat(DeadLetter.read(json.getBytes(UTF_8)).orElseThrow().element()).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "{}",
        "{\"reason\":\"late\"}",
        "{\"reason\":\"other\",\"record\":\"\"}",
        "{\"reason\":\"late\",\"record\":{}}",
        "{\"reason\":\"late\",\"record\":\"?\",\"encoding\":\"base64\"}",
        "{\"reason\":\"late\",\"record\":\"\",\"element\":\"1\"}"
      })
  void somethingElseIsNone(String json) {
    assertThat(DeadLetter.read(json.getBytes(UTF_8))).isEmpty();
  }

  @Test
  void aTombstoneIsNone() {
    assertThat(DeadLetter.read(null)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{`e`:[1, 2 ,3]};/e;0;{`e`:[1]}",
        "{`e`:[1, 2 ,3]};/e;1;{`e`:[2 ]}",
        "{`e`:[1, 2 ,3] };/e;2;{`e`:[3] }",
        "{`x`:{`e`:[9]},`a`:{`b/c`:[ {`n`:1.10,`s`:`,]`} , {`n`:2e0} ]},`z`:1};/a/b~1c;0;"
            + "{`x`:{`e`:[9]},`a`:{`b/c`:[{`n`:1.10,`s`:`,]`} ]},`z`:1}",
        "{`x`:{`e`:[9]},`a`:{`b/c`:[ {`n`:1.10,`s`:`,]`} , {`n`:2e0} ]},`z`:1};/a/b~1c;1;"
            + "{`x`:{`e`:[9]},`a`:{`b/c`:[{`n`:2e0} ]},`z`:1}"
      })
  void onlyOneElementIsLeft(String record, String pointer, int index, String one) {
    assertThat(one(record, pointer, index)).hasValue(one.replace('`', '"'));
  }

  @Test
  void theOtherBytesAreUnchanged() {
    assertThat(one("{`ä`:`ö`,`e`:[`ü`,`€,`,[[],[1,2]]],`n`:12345678901234567890.10}", "/e", 1))
        .hasValue("{\"ä\":\"ö\",\"e\":[\"€,\"],\"n\":12345678901234567890.10}");
    assertThat(one("{`e`:[1,[[],[1,2]]]}", "/e", 1)).hasValue("{\"e\":[[[],[1,2]]]}");
  }

  @Test
  void anElementThatIsNotThereIsNone() {
    for (String record :
        new String[] {"{`e`:[1]}", "{`e`:[]}", "{`e`:1}", "{}", "[1,2]", "{`e`:[1,2", "x", ""}) {
      assertThat(one(record, "/e", 1)).as(record).isEmpty();
    }
  }

  private static Optional<String> one(String record, String pointer, int index) {
    return OneElement.of(record.replace('`', '"').getBytes(UTF_8), pointer, index)
        .map(bytes -> new String(bytes, UTF_8));
  }
}
