package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What the operator emits.
 *
 * @param fields of a prediction, besides key and t
 * @param emit which steps are emitted
 * @param topK how many of the largest outputs a prediction has in place of all outputs; 0 for all
 * @param ends whether to emit a record with the reason when a sequence ends
 * @serial exclude
 */
@PublicEvolving
public record OutputOptions(Set<OutputField> fields, Emit emit, int topK, boolean ends)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The default fields of a prediction, besides key and t. */
  public static final List<OutputField> DEFAULT_FIELDS =
      List.of(OutputField.TOKEN, OutputField.LABEL, OutputField.PREDICTION);

  /** Token, label and prediction of every step. */
  public static final OutputOptions DEFAULT =
      new OutputOptions(EnumSet.copyOf(DEFAULT_FIELDS), Emit.EACH, 0, false);

  /** The largest {@code topK}. */
  public static final int MAX_TOP = 10_000;

  /**
   * @param fields of a prediction, besides key and t
   * @param emit which steps are emitted
   * @param topK how many of the largest outputs a prediction has in place of all outputs; 0 for all
   * @param ends whether to emit a record with the reason when a sequence ends
   * @throws OptionException for an option outside its range
   */
  public OutputOptions {
    Objects.requireNonNull(emit, "emit");
    OptionException.expectWhole("output.top_k", 0, MAX_TOP, topK);
    EnumSet<OutputField> copy = EnumSet.noneOf(OutputField.class);
    copy.addAll(fields);
    fields = copy;
  }

  /**
   * The same with other fields.
   *
   * @param chosen the fields
   * @return the options
   */
  public OutputOptions withFields(Collection<OutputField> chosen) {
    EnumSet<OutputField> set = EnumSet.noneOf(OutputField.class);
    set.addAll(chosen);
    return new OutputOptions(set, emit, topK, ends);
  }

  /**
   * The same with another rule.
   *
   * @param rule the emission rule
   * @return the options
   */
  public OutputOptions withEmit(Emit rule) {
    return new OutputOptions(fields, rule, topK, ends);
  }

  /**
   * The same with only this many of the largest outputs; 0 for all.
   *
   * @param largest the number of outputs
   * @return the options
   */
  public OutputOptions withTopK(int largest) {
    return new OutputOptions(fields, emit, largest, ends);
  }

  /** {@return the same with a record for the end of each sequence} */
  public OutputOptions withEnds() {
    return new OutputOptions(fields, emit, topK, true);
  }

  /**
   * Whether a prediction has the field.
   *
   * @param field the field
   * @return whether a prediction has it
   */
  public boolean has(OutputField field) {
    return fields.contains(field);
  }

  /** {@return whether the probability that y&lt;t-1&gt; gave to the token of step t is needed} */
  public boolean asksForTheToken() {
    return has(OutputField.RANK) || has(OutputField.SURPRISE) || emit.asksForTheToken();
  }

  /** {@return whether the error of the forecast y&lt;t-1&gt; is needed} */
  public boolean asksForTheError() {
    return has(OutputField.ERROR) || emit.when() == Emit.When.ERROR_ABOVE;
  }

  /** {@return whether y&lt;t-1&gt; is needed} */
  public boolean asksForTheStepBefore() {
    return asksForTheToken() || asksForTheError() || emit.asksForTheStepBefore();
  }

  /** {@return whether y&lt;t&gt; is needed} */
  public boolean asksForTheHead() {
    return has(OutputField.LABEL)
        || has(OutputField.PREDICTION)
        || has(OutputField.LOGITS)
        || topK > 0
        || emit.when() == Emit.When.CHANGE
        || emit.when() == Emit.When.ABOVE;
  }
}
