package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests the Web UI of a local run answers. */
class OwnPagesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1:8081", "localhost:8081", "LOCALHOST:8081", "[::1]:8081", "127.0.0.1"})
  void itsOwnAddressesAreAnswered(String host) {
    assertThat(OwnPages.isOwn(List.of(host), List.of())).isTrue();
    assertThat(OwnPages.isOwn(List.of(host), List.of("http://" + host))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example:8081",
        "127.0.0.1.evil.example:8081",
        "evil.example",
        "localhost.evil.example:8081",
        "127.0.0.2:8081",
        "0.0.0.0:8081",
        "[::]:8081",
        "[::ffff:127.0.0.1]:8081",
        "2130706433:8081",
        "127.1:8081",
        "localhost@evil.example:8081",
        "evil.example@localhost:8081",
        "localhost:8081/evil",
        "localhost:8081#evil",
        "localhost:8081?evil",
        "localhost:x",
        "localhost:8081,evil.example",
        " localhost",
        "localhost\\",
        ":8081",
        ""
      })
  void noOtherNameIsAnswered(String host) {
    assertThat(OwnPages.isOwn(List.of(host), List.of())).isFalse();
    assertThat(OwnPages.isOwn(List.of(host), List.of("http://" + host))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "http://evil.example",
    "http://localhost:8082",
    "https://localhost:8081",
    "http://localhost:8081/",
    "http://127.0.0.1:8081",
    "http://localhost",
    "null",
    "file://"
  })
  void noPageOfAnotherOriginIsAnswered(String origin) {
    assertThat(OwnPages.isOwn(List.of("localhost:8081"), List.of(origin))).isFalse();
  }

  @Test
  void aRequestNeedsOneHostAndOneOrigin() {
    assertThat(OwnPages.isOwn(List.of(), List.of())).isFalse();
    assertThat(OwnPages.isOwn(List.of("localhost", "localhost"), List.of())).isFalse();
    assertThat(OwnPages.isOwn(List.of("localhost", "evil.example"), List.of())).isFalse();
    String own = "http://localhost";
    assertThat(OwnPages.isOwn(List.of("localhost"), List.of(own, own))).isFalse();
  }
}
