package io.github.flinkrnn.operator;

import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/** Checks whether a model supports the options of a job. */
@Internal
public final class ModelFit {
  private static final String SOFTMAX = "softmax";

  private final RnnModel model;
  private final SequenceOptions sequence;
  private final OutputOptions output;

  private ModelFit(RnnModel model, SequenceOptions sequence, OutputOptions output) {
    this.model = model;
    this.sequence = sequence;
    this.output = output;
  }

  /**
   * @throws OptionException for the first option that the model does not support
   */
  public static void check(RnnModel model, SequenceOptions sequence, OutputOptions output) {
    ModelFit fit = new ModelFit(model, sequence, output);
    fit.heads();
    fit.lookAhead();
    fit.words();
    fit.labels();
    fit.nextToken();
    fit.generation();
    fit.topK();
  }

  /** Checks that exactly a bidirectional model looks ahead, as far as it needs to. */
  private void lookAhead() {
    LookAhead lookAhead = sequence.lookAhead();
    boolean isBidirectional = model.bidirectionalLayers() > 0;
    if (isBidirectional != (lookAhead != null)) {
      throw new OptionException(
          "sequence.look_ahead",
          isBidirectional
              ? "missing: expected a number of tokens or end, because the model is bidirectional"
              : "expected only for a bidirectional model");
    }
    if (lookAhead == null) {
      if (output.provisional()) {
        throw new OptionException("output.provisional", "expected only with sequence.look_ahead");
      }
      return;
    }
    if (model.readsFinal() && lookAhead.tokens() != LookAhead.END) {
      throw new OptionException(
          "sequence.look_ahead",
          "expected end, because the model has one prediction for the whole sequence, found "
              + lookAhead.tokens());
    }
    if (model.readsFinal() && !lookAhead.timeout().isZero()) {
      throw new OptionException(
          "sequence.look_ahead_timeout",
          "expected no such field, because the model has one prediction for the whole sequence");
    }
    for (OutputField field : List.of(OutputField.RANK, OutputField.SURPRISE, OutputField.ERROR)) {
      if (output.has(field)) {
        throw knowsTheFuture("output.fields", field.name().toLowerCase(Locale.ROOT));
      }
    }
    if (output.asksForTheToken() || output.asksForTheError()) {
      throw knowsTheFuture("output.emit", output.emit().when().name().toLowerCase(Locale.ROOT));
    }
  }

  private static OptionException knowsTheFuture(String field, String what) {
    return new OptionException(
        field, what + ": expected only without look_ahead, because y<t-1> may depend on token t");
  }

  /** Checks the names of heads in the options. */
  private void heads() {
    if (output.emit().of() != null) {
      head("output.emit.of", output.emit().of());
    }
    for (String name : output.topKOf().keySet()) {
      head("output.top_k." + name, name);
    }
  }

  private void head(String field, String name) {
    List<String> names = model.headNames();
    if (names.isEmpty()) {
      throw new OptionException(field, "expected a model with outputs, found one head");
    }
    if (!names.contains(name)) {
      throw new OptionException(
          field,
          "expected a head of the model ("
              + String.join(", ", names)
              + "), found '"
              + name
              + "'"
              + Nearest.hint(name, names));
    }
  }

  private void topK() {
    int most = model.heads().stream().mapToInt(Head::size).max().orElseThrow();
    if (output.topK() > most) { // a smaller head gives all of its outputs
      throw new OptionException(
          "output.top_k",
          "expected at most the model's " + most + " outputs, found " + output.topK());
    }
    for (Head head : model.heads()) {
      Integer k = output.topKOf().get(head.name());
      if (k != null && k > head.size()) {
        throw new OptionException(
            "output.top_k." + head.name(), "expected at most " + head.size() + ", found " + k);
      }
    }
  }

  private void words() {
    word("sequence.start_token", sequence.startToken());
    word("sequence.end_token", sequence.endToken());
    if (sequence.generation() != null && !(model.input() instanceof ModelInput.Fields)) {
      word("sequence.generate.until", sequence.generation().until());
    }
  }

  /**
   * Checks that a word is in the vocabulary. Any other word would never begin or end a sequence.
   */
  private void word(String field, String word) {
    if (word == null) {
      return;
    }
    if (!(model.input() instanceof ModelInput.Words words)) {
      throw new OptionException(
          field,
          "expected a model of words, found one of "
              + (model.input() instanceof ModelInput.Fields ? "fields" : "features"));
    }
    if (!words.vocabulary().holds(word)) {
      throw new OptionException(field, "expected a word of the vocabulary, found '" + word + "'");
    }
  }

  private void labels() {
    Emit emit = output.emit();
    List<String> labels = model.heads().get(Outputs.headOf(model, emit)).labels();
    if (emit.when() == Emit.When.CHANGE && labels.isEmpty()) {
      boolean isOne = model.headNames().isEmpty();
      throw new OptionException(
          "output.emit",
          "change: expected a " + (isOne ? "model with output.labels" : "head with labels"));
    }
    if (emit.label() != null && !labels.contains(emit.label())) {
      throw new OptionException(
          "output.emit.label", "expected a label of the model, found '" + emit.label() + "'");
    }
  }

  private void nextToken() {
    Optional<String> asking = asksForTheStepBefore();
    if (asking.isEmpty()) {
      return;
    }
    String field = asking.get();
    if (!model.hasLogitsOfAnyState() && sequence.window() == 0) {
      throw new OptionException(
          field,
          "expected a model of built-in layers or sequence.window: a step graph's logits of the step"
              + " before are not kept");
    }
    if (output.asksForTheError()) {
      forecasts();
    }
    if (output.asksForTheToken()) {
      String activation = model.activationName(outputsAreWords(field).head());
      if (!activation.equals(SOFTMAX)) {
        throw new OptionException(field, "expected a model with softmax, found " + activation);
      }
    }
  }

  /** The error compares outputs with numbers of the next x&lt;t&gt;. */
  private void forecasts() {
    boolean inFields = output.has(OutputField.ERROR);
    if (Forecast.of(model, output.emit()) == null) {
      throw new OptionException(
          inFields ? "output.fields" : "output.emit",
          (inFields ? "error" : "error_above")
              + ": expected a model of features with as many outputs, found "
              + model.input().describe()
              + " and "
              + model.heads().stream()
                  .map(head -> head.size() + " outputs")
                  .collect(Collectors.joining(", ")));
    }
  }

  private Optional<String> asksForTheStepBefore() {
    if (output.has(OutputField.RANK)
        || output.has(OutputField.SURPRISE)
        || output.has(OutputField.ERROR)) {
      return Optional.of("output.fields");
    }
    return output.emit().asksForTheStepBefore() ? Optional.of("output.emit") : Optional.empty();
  }

  private WordOutputs outputsAreWords(String field) {
    try {
      return WordOutputs.of(model);
    } catch (IllegalArgumentException e) {
      throw new OptionException(field, e.getMessage());
    }
  }

  private void generation() {
    if (sequence.generation() == null) {
      return;
    }
    if (model.activationName().endsWith(RnnModel.IN_THE_GRAPH)) {
      throw new OptionException(
          "sequence.generate",
          "expected a model whose outputs are logits, found " + model.activationName());
    }
    WordOutputs outputs = outputsAreWords("sequence.generate");
    String until = sequence.generation().until();
    boolean ofFields = outputs.field() != WordOutputs.NONE; // else the words were checked
    if (ofFields && until != null && !outputs.isName(until)) {
      throw new OptionException(
          "sequence.generate.until", "expected the word of an output, found '" + until + "'");
    }
    if (!outputs.namesWithoutWord().isEmpty()) {
      throw new OptionException(
          "sequence.generate",
          "expected a word of the vocabulary for each output, found '"
              + outputs.namesWithoutWord().get(0)
              + "'");
    }
  }
}
