package io.github.flinkrnn.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tokens that the benchmarks send. */
class TokenStreamTest {
  @ParameterizedTest
  @ValueSource(ints = {10, 10_000, 1_000_000})
  void eachPassOverTheKeysHasEachKeyOnce(int keys) {
    Set<String> seen = new HashSet<>();
    for (long token = 5; token < keys + 5; token++) {
      seen.add(TokenStream.key(token, keys));
    }
    assertThat(seen).hasSize(keys);
  }

  @Test
  void theJsonIsDecodedToTheTokens() throws Exception {
    byte[] json = new TokenJson(1000, 3).record(1026, 77_000_000_123L);

    Token token =
        new TokenDecoder(TokenFields.TOP_LEVEL, Reads.FEATURES, 1000)
            .decode(new SourceRecord(null, json, json.length, null, null));

    assertThat(token.key()).isEqualTo(TokenStream.key(1026, 1000));
    assertThat(token.seq()).isEqualTo(77_000_000_123L);
    assertThat(token.features()).isEqualTo(SeededNetwork.features(3, 3, 11)[2]);
  }

  @Test
  void theSeqIsFoundInAPrediction() {
    assertThat(TokenJson.seq("{\"key\":\"seq\",\"t\":3,\"seq\":120,\"x\":1}".getBytes(UTF_8)))
        .isEqualTo(120);
    assertThat(TokenJson.seq("{\"seq\":9007199254740993}".getBytes(UTF_8)))
        .isEqualTo(9_007_199_254_740_993L);
  }
}
