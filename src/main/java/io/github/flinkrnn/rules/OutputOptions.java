package io.github.flinkrnn.rules;

import java.io.Serializable;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What the operator emits.
 *
 * @param fields of a prediction, besides key and t
 * @param emit which steps are emitted
 * @param topK how many of the largest outputs a prediction has in place of all outputs; 0 for all
 * @param topKOf the same for single heads, by their names; {@code topK} counts for the others
 * @param ends whether to emit a record with the reason when a sequence ends
 * @param provisional whether a token whose prediction waits for later tokens has one without them
 *     at once
 * @serial exclude
 */
@PublicEvolving
public record OutputOptions(
    Set<OutputField> fields,
    Emit emit,
    int topK,
    Map<String, Integer> topKOf,
    boolean ends,
    boolean provisional)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * Options that are the same for all heads.
   *
   * @param fields of a prediction, besides key and t
   * @param emit which steps are emitted
   * @param topK how many of the largest outputs a prediction has in place of all outputs; 0 for all
   * @param ends whether to emit a record with the reason when a sequence ends
   * @throws OptionException for an option outside its range
   */
  public OutputOptions(Set<OutputField> fields, Emit emit, int topK, boolean ends) {
    this(fields, emit, topK, Map.of(), ends, false);
  }

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
   * @param topKOf the same for single heads, by their names
   * @param ends whether to emit a record with the reason when a sequence ends
   * @param provisional whether a token whose prediction waits for later tokens has one without them
   *     at once
   * @throws OptionException for an option outside its range
   */
  public OutputOptions {
    Objects.requireNonNull(emit, "emit");
    OptionException.expectWhole("output.top_k", 0, MAX_TOP, topK);
    topKOf = new TreeMap<>(topKOf);
    topKOf.forEach(
        (head, largest) ->
            OptionException.expectWhole("output.top_k." + head, 0, MAX_TOP, largest));
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
    return new OutputOptions(set, emit, topK, topKOf, ends, provisional);
  }

  /**
   * The same with another rule.
   *
   * @param rule the emission rule
   * @return the options
   */
  public OutputOptions withEmit(Emit rule) {
    return new OutputOptions(fields, rule, topK, topKOf, ends, provisional);
  }

  /**
   * The same with only this many of the largest outputs; 0 for all.
   *
   * @param largest the number of outputs
   * @return the options
   */
  public OutputOptions withTopK(int largest) {
    return new OutputOptions(fields, emit, largest, topKOf, ends, provisional);
  }

  /**
   * The same with only this many of the largest outputs of a head; 0 for all.
   *
   * @param head the name of the head
   * @param largest the number of outputs
   * @return the options
   */
  public OutputOptions withTopK(String head, int largest) {
    Map<String, Integer> each = new TreeMap<>(topKOf);
    each.put(head, largest);
    return new OutputOptions(fields, emit, topK, each, ends, provisional);
  }

  /**
   * How many of the largest outputs of a head a prediction has; 0 for all.
   *
   * @param head the name of the head; empty for the only one
   * @return the number
   */
  public int topK(String head) {
    return topKOf.getOrDefault(head, topK);
  }

  /** {@return the same with a record for the end of each sequence} */
  public OutputOptions withEnds() {
    return new OutputOptions(fields, emit, topK, topKOf, true, provisional);
  }

  /** {@return the same with provisional predictions} */
  public OutputOptions withProvisional() {
    return new OutputOptions(fields, emit, topK, topKOf, ends, true);
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

  /**
   * Whether y&lt;t&gt; of a head is needed.
   *
   * @param head the name of the head; empty for the only one
   * @param isFirst whether it is the first, which a rule without {@code of} is about
   * @param hasLabels whether it has labels
   * @return whether it is needed
   */
  public boolean asksForTheHead(String head, boolean isFirst, boolean hasLabels) {
    boolean compares = emit.when() == Emit.When.CHANGE || emit.when() == Emit.When.ABOVE;
    return has(OutputField.PREDICTION)
        || has(OutputField.LOGITS)
        || (has(OutputField.LABEL) && (hasLabels || head.isEmpty()))
        || topK(head) > 0
        || (compares && (emit.of() == null ? isFirst : emit.of().equals(head)));
  }
}
