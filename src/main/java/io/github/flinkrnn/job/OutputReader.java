package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Emit.When;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the section {@code output} of a job file, except {@code carry}. */
final class OutputReader {
  /** The fields of a prediction that are not in {@code output.fields}. */
  static final Set<String> OWN = Set.of("key", "t", "top", "outputs", "generated", "final");

  private static final Map<String, When> SIMPLE =
      Choices.of(List.of("each", "last", "change"), List.of(When.EACH, When.LAST, When.CHANGE));
  private static final Map<String, When> LIMITED =
      Choices.of(
          List.of("above", "rank_above", "surprise_above", "error_above"),
          List.of(When.ABOVE, When.RANK_ABOVE, When.SURPRISE_ABOVE, When.ERROR_ABOVE));

  private OutputReader() {}

  /**
   * @param ends whether the job has a sink for the ends of sequences
   */
  static OutputOptions read(Fields fields, boolean ends) {
    OutputOptions options = OutputOptions.DEFAULT;
    if (fields.has("fields")) {
      options = options.withFields(fields.choices("fields", OutputField.byName()));
    }
    if (fields.has("emit")) {
      options = options.withEmit(emit(fields));
    }
    if (fields.isObject("top_k")) {
      Fields each = fields.object("top_k");
      for (String head : each.names()) {
        options = options.withTopK(head, each.positive(head, OutputOptions.MAX_TOP).orElse(0));
      }
    } else {
      options = options.withTopK(fields.positive("top_k", OutputOptions.MAX_TOP).orElse(0));
    }
    if (fields.flag("provisional", false)) {
      options = options.withProvisional();
    }
    return ends ? options.withEnds() : options;
  }

  private static Emit emit(Fields fields) {
    if (!fields.isObject("emit")) {
      return Emit.of(fields.choice("emit", SIMPLE).orElseThrow());
    }
    Fields emit = fields.object("emit");
    List<String> rules = new ArrayList<>(emit.names());
    rules.retainAll(LIMITED.keySet());
    emit.has("label");
    emit.has("of");
    if (emit.names().contains("change")) {
      return changed(emit);
    }
    for (String rule : LIMITED.keySet()) {
      emit.has(rule);
    }
    emit.rejectUnknown();
    if (rules.size() != 1) {
      throw fields.invalid("emit", "expected one of " + String.join(", ", LIMITED.keySet()));
    }
    String rule = rules.get(0);
    When when = LIMITED.get(rule);
    String label = emit.text("label").orElse(null);
    if (label != null && when != When.ABOVE) {
      throw emit.invalid("label", "expected only with above");
    }
    String of = emit.text("of").orElse(null);
    if (of != null && when != When.ABOVE && when != When.ERROR_ABOVE) {
      throw emit.invalid("of", "expected only with above, change or error_above");
    }
    double most = when == When.ABOVE ? Emit.MAX_ABOVE : Integer.MAX_VALUE;
    double least = when == When.ABOVE ? -Emit.MAX_ABOVE : 0;
    double limit =
        when == When.RANK_ABOVE
            ? emit.whole(rule, 1, Integer.MAX_VALUE).orElseThrow(() -> emit.missing(rule))
            : emit.number(rule, least, most).orElseThrow(() -> emit.missing(rule));
    return new Emit(when, limit, label, of);
  }

  /** {@code emit: {change: true, of: next}}. */
  private static Emit changed(Fields emit) {
    if (!emit.flag("change", false)) {
      throw emit.invalid("change", "expected true, found false");
    }
    Emit rule = Emit.of(When.CHANGE);
    rule = emit.text("of").map(rule::withHead).orElse(rule);
    for (String name : emit.names()) {
      if (!Set.of("change", "of").contains(name)) {
        throw emit.invalid(name, "expected only without change");
      }
    }
    return rule;
  }
}
