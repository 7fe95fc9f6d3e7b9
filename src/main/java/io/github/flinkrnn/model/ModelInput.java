package io.github.flinkrnn.model;

import io.github.flinkrnn.layer.Fingerprint;

/** What a model reads of a token: its word, or its numbers. */
public sealed interface ModelInput {
  /** Length of x&lt;t&gt;; 0 for words that go in as their ids. */
  int size();

  /** In a phrase. */
  String describe();

  void addTo(Fingerprint fingerprint);

  /** x&lt;t&gt; is what the record's {@code features} say. */
  record Features(int size) implements ModelInput {
    @Override
    public String describe() {
      return size + " features";
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("features").add(size);
    }
  }

  /**
   * x&lt;t&gt; follows from the id of a word.
   *
   * @param how in a phrase: embedded, one-hot, or the id itself
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
