package io.github.flinkrnn.model;

import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Scale;
import org.apache.flink.annotation.PublicEvolving;

/** The part of a token that a model reads: its word or its features. */
@PublicEvolving
public sealed interface ModelInput {
  /** {@return the length n_x of x&lt;t&gt;; 0 for words that the network takes as ids} */
  int size();

  /** {@return a phrase for descriptions and errors} */
  String describe();

  /**
   * Adds everything about the input that a&lt;t&gt; depends on.
   *
   * @param fingerprint receives it
   */
  void addTo(Fingerprint fingerprint);

  /**
   * x&lt;t&gt; is the field {@code features} of the record.
   *
   * @param scale how the numbers are scaled, or null
   */
  record Features(int size, Scale scale) implements ModelInput {
    /**
     * Features that are not scaled.
     *
     * @param size the length n_x
     */
    public Features(int size) {
      this(size, null);
    }

    @Override
    public String describe() {
      return size + (scale == null ? " features" : " scaled features");
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("features").add(size);
      if (scale != null) {
        scale.addTo(fingerprint);
      }
    }
  }

  /**
   * x&lt;t&gt; is computed from the id of a word.
   *
   * @param how a phrase for the method: embedded, one-hot, or the id itself
   */
  record Words(Vocabulary vocabulary, int size, String how) implements ModelInput {
    @Override
    public String describe() {
      return vocabulary.size() + " words, " + how;
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("words").add(String.join("\n", vocabulary.words()));
      fingerprint.add(vocabulary.unknown()).add(String.valueOf(vocabulary.lowercase()));
    }
  }
}
