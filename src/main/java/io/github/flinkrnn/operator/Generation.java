package io.github.flinkrnn.operator;

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
}
