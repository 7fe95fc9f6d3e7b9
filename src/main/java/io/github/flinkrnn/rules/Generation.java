package io.github.flinkrnn.rules;

import java.io.Serializable;

/**
 * How a model goes on by itself.
 *
 * @param until the word that ends it, or null
 * @param max how many words at most, from 1
 * @param temperature by which logits are divided before one is drawn: below 1 the likely become
 *     likelier; 0 takes the most likely
 * @param seed of the draws; with it, the key and the step they are the same at each replay
 */
public record Generation(String until, int max, double temperature, long seed)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest {@code max}. */
  public static final int MAX_WORDS = 10_000;

  /**
   * How many bytes the predictions that follow one token may repeat of it, in UTF-8: its key,
   * twice, and what it carries, {@code max} times. A token that may come to more is rejected.
   */
  public static final long MAX_REPEATED_BYTES = 64L << 20;

  /** The highest {@code temperature}. */
  public static final double MAX_TEMPERATURE = 1000;

  /**
   * @throws OptionException for an option outside its range
   */
  public Generation {
    OptionException.expectWord("sequence.generate.until", until);
    OptionException.expectWhole("sequence.generate.max", 1, MAX_WORDS, max);
    OptionException.expect(
        temperature >= 0 && temperature <= MAX_TEMPERATURE,
        "sequence.generate.temperature",
        "a number from 0 to 1000",
        temperature);
  }
}
