package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.Fingerprint;
import org.ejml.data.FMatrixRMaj;

/** How x&lt;t&gt; comes to be: from a word, or from the numbers of the record. */
public sealed interface ModelInput {
  /** Length of x&lt;t&gt;. */
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
   * x&lt;t&gt; is a word's row of the embedding, or, without one, the one-hot vector of its id.
   *
   * @param embedding E, [words × n_x], or null for one-hot
   */
  record Words(Vocabulary vocabulary, FMatrixRMaj embedding) implements ModelInput {
    @Override
    public int size() {
      return embedding == null ? vocabulary.size() : embedding.getNumCols();
    }

    @Override
    public String describe() {
      String how = embedding == null ? "one-hot" : "embedded in " + size();
      return vocabulary.size() + " words, " + how;
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("words").add(String.join("\n", vocabulary.words()));
      fingerprint.add(vocabulary.unknown()).add(String.valueOf(vocabulary.lowercase()));
      if (embedding != null) {
        fingerprint.add(embedding);
      }
    }
  }
}
