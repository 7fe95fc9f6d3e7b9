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
}
