package io.github.flinkrnn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In which strings the name of a variable replaces its value. */
class EnvironmentValuesTest {
  private static EnvironmentValues of(String... namesAndValues) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    EnvironmentValues values = new EnvironmentValues(variables::get);
    variables.keySet().forEach(values::apply);
    return values;
  }

  @Test
  void onlyValuesThatWereReadAreHidden() {
    EnvironmentValues values = new EnvironmentValues(Map.of("A", "secret-a", "B", "secret-b")::get);
    assertThat(values.apply("A")).isEqualTo("secret-a");
    assertThat(values.apply("C")).isNull();
    assertThat(values.hide("secret-a, secret-b")).isEqualTo("${A}, secret-b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          hunter2           | password=hunter2;         | password=${V};
          hunter2           | hunter22 xhunter2 hunter2 | hunter22 xhunter2 ${V}
          hunter2           | hunter2hunter2            | hunter2hunter2
          long-secret       | xlong-secretylong-secret  | x${V}y${V}
          tag               | a tag, tags: 'tag'        | a ${V}, tags: '${V}'
          tag               | topic-tag-1               | topic-${V}-1
          $1\\{}: [         | is $1\\{}: [.             | is ${V}.
          b1:9092,b2:9092   | b2:9092 and b1 (b1/10.0.0.1:9092) | ${V} and b1 (b1/10.0.0.1:9092)
          kafka-1:9092,b:1  | kafka-1/10.0.0.1:9092     | ${V}/10.0.0.1:9092
          localhost:9093    | no broker at localhost:9093; http://localhost:8081 | no broker at ${V}; http://localhost:8081
          ./models/tags     | file:/a/models/tags       | file:/a/${V}
          /data//models/    | /data/models/config.json  | ${V}/config.json
          ab                | ab                        | ab
          15                | after 15 s                | after 15 s
          5000              | 5000 predictions          | 5000 predictions
          true              | true                      | true
          1234567           | id 1234567                | id ${V}
          """)
  void aValueIsFoundAsAWordAndALongOneAnywhere(String value, String text, String hidden) {
    assertThat(of("V", value).hide(text)).isEqualTo(hidden);
  }

  @Test
  void aLineOfALongerValueIsHiddenToo() {
    EnvironmentValues values = of("KEY", "-----BEGIN-----\nMIIEvQIBADAN\n-----END-----");
    assertThat(values.hide("cannot read MIIEvQIBADAN")).isEqualTo("cannot read ${KEY}");
    assertThat(values.hide("x\n-----BEGIN-----\nMIIEvQIBADAN\n-----END-----"))
        .isEqualTo("x\n${KEY}");
  }

  @Test
  void theLongestCounts() {
    EnvironmentValues values = of("HOST", "broker", "ADDRESS", "broker.example:9092");
    assertThat(values.hide("at broker.example:9092, at broker"))
        .isEqualTo("at ${ADDRESS}, at ${HOST}");
  }

  /** A name that was inserted is not searched again. */
  @Test
  void aNameIsNoValue() {
    assertThat(of("KAFKA", "SECRET", "SECRET", "KAFKA").hide("KAFKA SECRET"))
        .isEqualTo("${SECRET} ${KAFKA}");
  }

  @Test
  void aFailureKeepsItsMessageWithoutTheValues() {
    Exception cause = new IllegalStateException("no topic sentinel-topic");
    Exception failure = new Exception("it failed", cause);

    Exception hidden = of("TOPIC", "sentinel-topic").hide(failure);

    assertThat(hidden).hasMessage("java.lang.Exception: it failed");
    assertThat(hidden.getStackTrace()).isEqualTo(failure.getStackTrace());
    assertThat(hidden.getCause())
        .hasMessage("java.lang.IllegalStateException: no topic ${TOPIC}")
        .hasNoCause();
    assertThat(of("TOPIC", "other-topic").hide(failure)).isSameAs(failure);
  }

  /**
   * A stack trace also shows suppressed exceptions, for example of a client that could not be
   * closed after its failure.
   */
  @Test
  void suppressedExceptionsThatQuoteAValueAreRemoved() {
    Exception failure = new Exception("it failed", new IllegalStateException("no topic"));
    failure.getCause().addSuppressed(new Exception("cannot close sentinel-topic"));

    Exception hidden = of("TOPIC", "sentinel-topic").hide(failure);

    assertThat(hidden).hasMessage("java.lang.Exception: it failed");
    assertThat(hidden.getCause())
        .hasMessage("java.lang.IllegalStateException: no topic")
        .hasNoSuppressedExceptions();
    assertThat(of("TOPIC", "other-topic").hide(failure)).isSameAs(failure);
  }

  @Test
  void aFailureThatIsItsOwnCauseEndsToo() {
    Exception failure = new Exception("sentinel-topic");
    failure.initCause(new Exception("b", failure));
    assertThat(of("TOPIC", "sentinel-topic").hide(failure))
        .hasMessage("java.lang.Exception: ${TOPIC}")
        .hasRootCauseMessage("java.lang.Exception: b");
  }
}
