package io.github.flinkrnn.model;

import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.network.Scale;
import java.util.List;
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
   * x&lt;t&gt; is made of several fields of the record.
   *
   * @param fields in the order of x&lt;t&gt;
   * @param parts of x&lt;t&gt;, one for each field
   * @param size the number of slots that the network takes; x&lt;t&gt; itself may be longer
   */
  record Fields(List<InputField> fields, List<InputPart> parts, int size) implements ModelInput {
    /**
     * @param fields in the order of x&lt;t&gt;
     * @param parts of x&lt;t&gt;, one for each field
     */
    Fields(List<InputField> fields, List<InputPart> parts) {
      this(
          List.copyOf(fields),
          List.copyOf(parts),
          fields.stream().mapToInt(InputField::slots).sum());
    }

    /** {@return the names of the fields} */
    public List<String> names() {
      return fields.stream().map(InputField::name).toList();
    }

    /** {@return the length n_x of x&lt;t&gt;} */
    public int width() {
      return parts.stream().mapToInt(InputPart::width).sum();
    }

    /**
     * The first of the slots that a head with this number of outputs predicts: those of all fields,
     * if these are as many numbers; otherwise those of the only vector with this length.
     *
     * @param outputs the number of outputs
     * @return the index of the slot; -1 for none
     */
    public int forecastAt(int outputs) {
      boolean arePlain =
          parts.stream().allMatch(part -> part.overlap() == 0 && !part.hasFlag())
              && fields.stream().noneMatch(field -> field instanceof InputField.CategoryField);
      if (arePlain && size == outputs) {
        return 0;
      }
      int found = -1;
      int at = 0;
      for (InputField field : fields) {
        if (field instanceof InputField.VectorField vector && vector.size() == outputs) {
          if (found >= 0) {
            return -1;
          }
          found = at + vector.overlap();
        }
        at += field.slots();
      }
      return found;
    }

    /**
     * {@return the number of floats that a sequence keeps of x&lt;t&gt; for x&lt;t+1&gt;: held
     * values and overlapping numbers}
     */
    public int memorySize() {
      int floats = 0;
      for (int f = 0; f < parts.size(); f++) {
        floats += fields.get(f).hold() ? fields.get(f).slots() : parts.get(f).overlap();
      }
      return floats;
    }

    /** {@return whether x&lt;t&gt; depends on the times of tokens} */
    public boolean needsTime() {
      return fields.stream().anyMatch(field -> field instanceof InputField.Elapsed);
    }

    @Override
    public String describe() {
      return fields.size()
          + (fields.size() == 1 ? " field (" : " fields (")
          + String.join(", ", names())
          + "), x<t> of "
          + width();
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("fields").add(fields.size());
      for (int i = 0; i < parts.size(); i++) {
        fields.get(i).addTo(fingerprint);
        InputPart part = parts.get(i);
        fingerprint.add(part.missing());
        if (part.embedding() != null) {
          fingerprint.add(part.embedding());
        }
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
