package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.job.UsageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://localhost:8081, http://localhost:8081/overview",
    "http://localhost:8081/, http://localhost:8081/overview",
    "http://localhost:8081/#/overview, http://localhost:8081/overview",
    "http://proxy/flink/cluster1, http://proxy/flink/cluster1/overview",
    "https://proxy/flink/cluster1//, https://proxy/flink/cluster1/overview",
    "https://u:p@proxy/a%20b, https://proxy/a%20b/overview",
    "http://[::1]:8081, http://[::1]:8081/overview"
  })
  void aPathIsKept(String url, String overview) {
    assertThat(ClusterUrl.of("--submit", url).of("/overview")).hasToString(overview);
  }

  @ParameterizedTest
  @CsvSource({
    "http://me:secret@h, Basic bWU6c2VjcmV0",
    "http://me:p%40s%2Fs@h, Basic bWU6cEBzL3M=",
    "http://me@h, Basic bWU6"
  })
  void userAndPasswordAreALogin(String url, String login) {
    assertThat(ClusterUrl.of("--submit", url).login()).hasValue(login);
    assertThat(ClusterUrl.of("--submit", url).root()).hasToString("http://h");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:8081",
        "ftp://u:secret@h",
        "http://u:secret@",
        "http://u:secret@h:99999",
        "http://u:sec ret@h",
        "http://u:se/cret@h",
        "https://u:p@ss/cret@h",
        "https://u:s@cret@h",
        "http://u:12/34cret@h:8081",
        "http://u:12#34cret@h",
        "http://u:12?34cret@h",
        "http://12cret#34@h",
        "http://u:secret@h?token=1",
        "u:secret@h:8081"
      })
  void anInvalidUrlIsOneLineWithoutThePassword(String url) {
    assertThatThrownBy(() -> ClusterUrl.of("--stop", url))
        .isInstanceOf(UsageException.class)
        .hasNoCause()
        .message()
        .matches(
            "--stop \\S+: expected the URL of a cluster, like http://localhost:8081"
                + (url.contains("@") ? "; in a user or a password, write %40 for @, .*" : ""))
        .doesNotContain("cret");
  }
}
