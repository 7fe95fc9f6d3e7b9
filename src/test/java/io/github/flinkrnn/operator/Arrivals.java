package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Seeded tokens of several keys, and disorder, repetition and loss as in topics. */
final class Arrivals {
  private static final List<String> WORDS = List.of("the", "cat", "sat", "down");

  private Arrivals() {}

  /**
   * Interleaved sequences. Each token has a number, from 1, and its own time. About one token in
   * twenty ends its sequence.
   */
  static List<Token> inOrder(int keys, int each, Random random) {
    List<Token> tokens = new ArrayList<>();
    for (int n = 1; n <= each; n++) {
      for (int k = 0; k < keys; k++) {
        Token token = Token.of("k" + k, WORDS.get(random.nextInt(WORDS.size())));
        token = random.nextInt(20) == 0 ? token.last() : token;
        tokens.add(token.at(n).atTime(1000L * n + k));
      }
    }
    return tokens;
  }

  /** The same tokens in another order. None moves more than {@code places} places. */
  static List<Token> shuffled(List<Token> tokens, int places, Random random) {
    record Placed(double place, Token token) {}
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      placed.add(new Placed(i + random.nextDouble() * places, tokens.get(i)));
    }
    placed.sort(Comparator.comparingDouble(Placed::place));
    return placed.stream().map(Placed::token).toList();
  }

  /** The same tokens. Some appear a second time a little later. */
  static List<Token> repeated(List<Token> tokens, int oneIn, Random random) {
    List<Token> all = new ArrayList<>();
    List<Token> again = new ArrayList<>();
    for (Token token : tokens) {
      all.add(token);
      if (random.nextInt(oneIn) == 0) {
        again.add(token);
      }
      if (again.size() == 3) {
        all.addAll(again);
        again.clear();
      }
    }
    all.addAll(again);
    return all;
  }

  /** The same tokens without some of them. */
  static List<Token> withHoles(List<Token> tokens, int oneIn, Random random) {
    List<Token> left = new ArrayList<>(tokens);
    left.removeIf(token -> random.nextInt(oneIn) == 0);
    return Collections.unmodifiableList(left);
  }
}
