package io.github.flinkrnn.rules;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * How a model generates words after a token.
 *
 * @param until the word that ends the generation, or null
 * @param max the maximum number of words, from 1
 * @param temperature the divisor of the logits before sampling: below 1 makes likely words
 *     likelier; 0 takes the most likely word
 * @param seed the seed of the samples. They depend only on the seed, the key and the step, so that
 *     a replay repeats them
 * @serial exclude
 */
@PublicEvolving
public record Generation(String until, int max, double temperature, long seed)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest {@code max}. */
  public static final int MAX_WORDS = 10_000;

  /**
   * The maximum number of bytes, in UTF-8, that the predictions generated after one token repeat
   * from it. Each of up to {@code max} predictions repeats the carried values once and the key
   * twice. A token that may exceed the maximum is rejected.
   */
  public static final long MAX_REPEATED_BYTES = 64L << 20;

  /** The highest {@code temperature}. */
  public static final double MAX_TEMPERATURE = 1000;

  /**
   * @param until the word that ends the generation, or null
   * @param max the maximum number of words, from 1
   * @param temperature the divisor of the logits before sampling: below 1 makes likely words
   *     likelier; 0 takes the most likely word
   * @param seed the seed of the samples. They depend only on the seed, the key and the step, so
   *     that a replay repeats them
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
