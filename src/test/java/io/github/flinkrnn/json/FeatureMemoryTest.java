package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.flinkrnn.json.TokenDecoder.Elements;
import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** After a token with very many features, short ones do not allocate as much as it had. */
class FeatureMemoryTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int LONG = 250_000; // floats, which take 1,000,000 bytes
  private static final int MOST = 10_000_000; // ten times one of them

  private final TokenDecoder one = decoder(null);
  private final TokenDecoder each = decoder("/all");

  private static TokenDecoder decoder(String each) {
    RecordForm form = new RecordForm(List.of(), each, KeyFormat.STRING, false, List.of());
    TokenFields fields =
        new TokenFields(Map.of(), List.of(), TokenTimes.MILLIS, false, List.of(), form);
    return new TokenDecoder(fields, Reads.FEATURES, TokenDecoder.DEFAULT_MAX_BYTES);
  }

  private static SourceRecord record(String json) {
    return SourceRecords.of("k".getBytes(UTF_8), json.getBytes(UTF_8));
  }

  private static String features(int count) {
    return "\"features\":[" + "1,".repeat(count - 1) + "1]";
  }

  private Token decode(String fields) throws Rejection {
    return one.decode(record("{" + fields + "}"));
  }

  private int elements(String json) throws Rejection {
    int[] count = {0};
    each.decodeEach(
        record("{\"all\":[" + json + "]}"),
        new Elements() {
          @Override
          public void token(Token token) {
            count[0]++;
          }

          @Override
          public void rejected(Rejection why, SourceRecord element) {
            throw new AssertionError(why);
          }
        });
    return count[0];
  }

  private static long allocated(long before) {
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @BeforeEach
  void decodeManyFeatures() throws Exception {
    assertThat(decode(features(LONG)).features()).hasSize(LONG);
    assertThat(elements("{" + features(LONG) + "}")).isEqualTo(1);
  }

  @Test
  void fieldsOfOneRecord() throws Exception {
    String json = (features(1) + ",").repeat(2000) + features(2);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(decode(json).features()).containsExactly(1, 1);
    assertThat(allocated(before)).isLessThan(MOST);
  }

  @Test
  void elementsOfOneRecord() throws Exception {
    String json = "{\"features\":[]}" + ",{\"features\":[2]}".repeat(2000);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThat(elements(json)).isEqualTo(2001);
    assertThat(allocated(before)).isLessThan(MOST);
  }

  @Test
  void recordsThatAreRejected() {
    SourceRecord[] bad = {
      record("{\"features\":[1,\"x\"]}"), record("{\"features\":[1"), record("{\"features\":[1],}")
    };
    long before = THREADS.getCurrentThreadAllocatedBytes();
    int rejected = 0;
    for (int i = 0; i < 1000; i++) {
      try {
        one.decode(bad[i % bad.length]);
      } catch (Rejection e) {
        rejected++;
      }
    }
    assertThat(rejected).isEqualTo(1000);
    assertThat(allocated(before)).isLessThan(MOST);
  }

  /** The array of one token must not become that of another. */
  @Test
  void theFeaturesOfEachTokenStay() throws Exception {
    Token first = decode("\"features\":[1,2,3]");
    Token second = decode("\"features\":[4,5,6]");
    Token third = decode("\"features\":[7,8]");
    Token fourth = decode("\"features\":[9,10,11],\"features\":[12,13]");
    Token last = decode("\"features\":[14,15,16]");
    assertThat(first.features()).containsExactly(1, 2, 3);
    assertThat(second.features()).containsExactly(4, 5, 6);
    assertThat(third.features()).containsExactly(7, 8);
    assertThat(fourth.features()).containsExactly(12, 13);
    assertThat(last.features()).containsExactly(14, 15, 16);
  }
}
