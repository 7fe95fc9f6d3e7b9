package io.github.flinkrnn.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenTest {
  @Test
  void marksTheEndsOfASequenceAndKeepsTheRest() {
    Origin origin = new Origin("tokens", 1, 2);
    String[] carried = {"1"};
    Token middle = new Token("a", "the", null, 1L, 2L, false, false, carried, origin);
    assertThat(middle.first())
        .isEqualTo(new Token("a", "the", null, 1L, 2L, true, false, carried, origin));
    assertThat(middle.last())
        .isEqualTo(new Token("a", "the", null, 1L, 2L, false, true, carried, origin));
    assertThat(middle.first().last())
        .isEqualTo(new Token("a", "the", null, 1L, 2L, true, true, carried, origin));
  }

  @Test
  void isAWordOrAVectorOfASequence() {
    assertThat(Token.of("a", "the"))
        .isEqualTo(new Token("a", "the", null, null, null, false, false, null, null));
    assertThat(Token.of("a", 1f, 2f).features()).containsExactly(1f, 2f);
    assertThat(Token.of("a", 1f, 2f).token()).isNull();
  }

  @Test
  void recordsOfTheSameContentAreEqual() {
    Token token = Token.of("k", 1f, -0f).withCarried("1", null).at(3);
    Token same = Token.of("k", 1f, -0f).withCarried("1", null).at(3);
    assertThat(token).isEqualTo(same).hasSameHashCodeAs(same);
    assertThat(token).isNotEqualTo(same.withKey("l")).isNotEqualTo(same.at(4));
    assertThat(Token.of("k", 0f)).isNotEqualTo(Token.of("k", -0f));
    assertThat(prediction(1)).isEqualTo(prediction(1)).hasSameHashCodeAs(prediction(1));
    assertThat(prediction(1)).isNotEqualTo(prediction(2));
  }

  @Test
  void showTheFieldsThatTheyHave() {
    Token token = Token.of("k", 1f, 2f).withCarried("1", null).first().withGenerate();
    assertThat(token)
        .hasToString(
            "Token[key=k, features=[1.0, 2.0], start=true, generate=true, carried=[1, null]]");
    assertThat(prediction(2))
        .hasToString(
            "Prediction[key=k, t=1, token=a, prediction=[2.0], rank=2, timestamp=5, source=record of"
                + " 3 bytes]");
  }

  private static Prediction prediction(float y) {
    return new Prediction(
        "k",
        1,
        "a",
        null,
        new float[] {y},
        null,
        null,
        null,
        2,
        null,
        null,
        null,
        null,
        false,
        null,
        null,
        5L,
        null,
        null,
        new SourceRecord(null, new byte[] {1, 2, 3}, 3, null, null));
  }
}
