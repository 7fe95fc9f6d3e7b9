package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.util.Optional;
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
    fit.words();
    fit.labels();
    fit.nextToken();
    fit.generation();
    if (output.topK() > model.outputSize()) {
      throw new OptionException(
          "output.top_k",
          "expected at most the model's "
              + model.outputSize()
              + " outputs, found "
              + output.topK());
    }
  }

  private void words() {
    word("sequence.start_token", sequence.startToken());
    word("sequence.end_token", sequence.endToken());
    if (sequence.generation() != null) {
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
      throw new OptionException(field, "expected a model of words, found one of features");
    }
    if (!words.vocabulary().holds(word)) {
      throw new OptionException(field, "expected a word of the vocabulary, found '" + word + "'");
    }
  }

  private void labels() {
    Emit emit = output.emit();
    if (emit.when() == Emit.When.CHANGE && model.labels().isEmpty()) {
      throw new OptionException("output.emit", "change: expected a model with output.labels");
    }
    if (emit.label() != null && !model.labels().contains(emit.label())) {
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
      outputsAreWords(field);
      if (!model.activationName().equals(SOFTMAX)) {
        throw new OptionException(
            field, "expected a model with softmax, found " + model.activationName());
      }
    }
  }

  /** The error compares outputs with features. */
  private void forecasts() {
    boolean inFields = output.has(OutputField.ERROR);
    if (!(model.input() instanceof ModelInput.Features features)
        || features.size() != model.outputSize()) {
      throw new OptionException(
          inFields ? "output.fields" : "output.emit",
          (inFields ? "error" : "error_above")
              + ": expected a model of features with as many outputs, found "
              + model.input().describe()
              + " and "
              + model.outputSize()
              + " outputs");
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
    if (!outputs.namesWithoutWord().isEmpty()) {
      throw new OptionException(
          "sequence.generate",
          "expected a word of the vocabulary for each output, found '"
              + outputs.namesWithoutWord().get(0)
              + "'");
    }
  }
}
