package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder.Elements;
import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A record with only one element is what the decoder read as that element, and no more. */
class OneElementTest {
  private static String of(String json, String pointer, int index) {
    return OneElement.of(json.getBytes(UTF_8), pointer, index)
        .map(bytes -> new String(bytes, UTF_8))
        .orElse(null);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          /e     | 0 | {"e": [ -1 , "é,]" ,{}] }                | {"e": [-1 ] }
          /e     | 1 | {"e": [ -1 , "é,]" ,{}] }                | {"e": ["é,]" ] }
          /e     | 2 | {"e": [ -1 , "é,]" ,{}] }                | {"e": [{}] }
          /e     | 1 | {"e":[null,NaN,true]}                    | {"e":[NaN]}
          /e     | 3 | {"e":[null,NaN,true]}                    |
          /e     | 0 | {"e":{"0":1},"x":[1]}                    |
          /e     | 0 | {"x":[1]}                                |
          /e     | 0 | [1]                                      |
          /e     | 0 | {"e":[1                                  |
          /e     | 0 | {"e":[1]                                 |
          /e     | 1 | {"e":[1,2],"x":1,"e":[3,4]}              | {"e":[1,2],"x":1,"e":[4]}
          /e     | 2 | {"e":[1,2,3],"e":[3,4]}                  |
          /e     | 0 | {"e":[1],"e":null}                       |
          /e     | 0 | {"e":null,"e":[1,2]}                     | {"e":null,"e":[1]}
          /a/e   | 0 | {"a":{"e":[1,2]},"a":{"e":[3,4]}}        | {"a":{"e":[1,2]},"a":{"e":[3]}}
          /a/e   | 0 | {"a":{"e":[1,2]},"a":{"x":[3,4]}}        | {"a":{"e":[1]},"a":{"x":[3,4]}}
          /a/e   | 0 | {"a":{"e":[1,2]},"a":7}                  | {"a":{"e":[1]},"a":7}
          /b/0/e | 1 | {"b":[{"e":[1,2]},{"e":[3,4]}]}          | {"b":[{"e":[2]},{"e":[3,4]}]}
          /b/1/e | 0 | {"b":[{"e":[1,2]},{"e":[3,4]}]}          | {"b":[{"e":[1,2]},{"e":[3]}]}
          /b/2/e | 0 | {"b":[{"e":[1,2]},{"e":[3,4]}]}          |
          /b/0   | 1 | {"b":[[1,2],[3,4]]}                      | {"b":[[2],[3,4]]}
          /b/01  | 1 | {"b":[[1,2],[3,4]]}                      |
          /b/0/e | 1 | {"b":{"0":{"e":[1,2]}}}                  | {"b":{"0":{"e":[2]}}}
          """)
  void keepsOneElementOfTheLastArray(String pointer, int index, String json, String expected) {
    assertThat(of(json, pointer, index)).isEqualTo(expected);
  }

  /** The words that a decoder finds in a record; null if it rejects the record. */
  private static List<String> words(byte[] record, String each) {
    RecordForm form = new RecordForm(List.of(), each, KeyFormat.STRING, false, List.of());
    TokenFields fields =
        new TokenFields(Map.of(), List.of(), TokenTimes.MILLIS, false, List.of(), form);
    List<String> words = new ArrayList<>();
    try {
      new TokenDecoder(fields, Reads.WORD, TokenDecoder.DEFAULT_MAX_BYTES)
          .decodeEach(
              SourceRecords.of("k".getBytes(UTF_8), record),
              new Elements() {
                @Override
                public void token(Token token) {
                  words.add(token.token());
                }

                @Override
                public void rejected(Rejection why, SourceRecord element) {
                  words.add(why.getMessage());
                }
              });
    } catch (Rejection e) {
      return null;
    }
    return words;
  }

  @Test
  void theDecoderFindsTheSameElement() {
    Random random = new Random(5);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder json = new StringBuilder();
      object(random, 3, json);
      byte[] record = json.toString().getBytes(UTF_8);
      String each = List.of("/a", "/a/b", "/a/0", "/a/0/b", "/b/1").get(random.nextInt(5));
      List<String> words = words(record, each);
      for (int at = 0; words != null && at < words.size(); at++) {
        byte[] one = OneElement.of(record, each, at).orElseThrow();
        assertThat(words(one, each))
            .as("%s %s of %s", each, at, json)
            .containsExactly(words.get(at));
        found++;
      }
      if (words != null) {
        assertThat(OneElement.of(record, each, words.size())).isEmpty();
      }
    }
    assertThat(found).isGreaterThan(2000);
  }

  private static void object(Random random, int depth, StringBuilder json) {
    json.append('{');
    int fields = random.nextInt(4);
    for (int i = 0; i < fields; i++) {
      json.append(i == 0 ? "" : ", ").append(List.of("\"a\":", "\"b\": ").get(random.nextInt(2)));
      value(random, depth, json);
    }
    json.append('}');
  }

  private static void value(Random random, int depth, StringBuilder json) {
    int kind = random.nextInt(depth == 0 ? 3 : 8);
    if (kind == 0) {
      json.append("null");
    } else if (kind == 1) {
      json.append("{\"token\":\"é").append(random.nextInt()).append("\"}");
    } else if (kind == 2) {
      json.append(random.nextInt());
    } else if (kind < 5) {
      object(random, depth - 1, json);
    } else {
      json.append("[ ");
      int elements = random.nextInt(4);
      for (int i = 0; i < elements; i++) {
        json.append(i == 0 ? "" : " ,");
        value(random, depth - 1, json);
      }
      json.append(']');
    }
  }
}
