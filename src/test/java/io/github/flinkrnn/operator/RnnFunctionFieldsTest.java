package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A prediction has its key, its t, the carried values, and the chosen fields. */
class RnnFunctionFieldsTest {
  private static final Token TOKEN =
      new Token(
          "k", "cat", null, 7L, 1234L, false, false, new String[] {"1"}, new Origin("in", 0, 5));

  @TempDir private Path directory;

  /** Rank and surprise need a model that predicts the next word. */
  private static final Set<OutputField> OF_ANY_MODEL =
      EnumSet.complementOf(EnumSet.of(OutputField.RANK, OutputField.SURPRISE, OutputField.ERROR));

  @BeforeEach
  void writeModel() throws Exception {
    ModelDirectory.words(directory);
  }

  @Test
  void predictsTokenLabelAndPredictionByDefault() throws Exception {
    assertThat(fieldsOf(predict(RnnFunction.of(directory.toString()))))
        .containsExactly(OutputField.TOKEN, OutputField.LABEL, OutputField.PREDICTION);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"RANK", "SURPRISE", "ERROR"})
  void predictsTheOneFieldThatWasAskedFor(OutputField field) throws Exception {
    assertThat(fieldsOf(predict(RnnFunction.of(directory.toString()).withFields(field))))
        .containsExactly(field);
  }

  @Test
  void repeatsWhatTheTokenSaid() throws Exception {
    Prediction prediction = predict(RnnFunction.of(directory.toString()).withFields(OF_ANY_MODEL));
    RnnModel model = RnnModel.load(directory);
    assertThat(prediction.key()).isEqualTo("k");
    assertThat(prediction.t()).isEqualTo(1);
    assertThat(prediction.token()).isEqualTo("cat");
    assertThat(prediction.seq()).isEqualTo(7);
    assertThat(prediction.timestamp()).isEqualTo(1234);
    assertThat(prediction.carried()).containsExactly("1");
    assertThat(prediction.model()).isEqualTo(model.name() + "@" + model.version());
    assertThat(StepBits.of(prediction)).isEqualTo(new SequentialReference(model).step(TOKEN));
    assertThat(prediction.label())
        .isEqualTo(prediction.logits()[0] >= prediction.logits()[1] ? "A" : "B");
  }

  /** An overflow in the head rejects the token only if an output needs the head. */
  @Test
  void theHeadIsComputedOnlyForFieldsThatNeedIt() throws Exception {
    Path model = directory.resolve("overflows");
    Files.createDirectories(model);
    Files.writeString(model.resolve("config.json"), "{\"output\": {\"activation\": \"identity\"}}");
    Files.writeString(
        model.resolve("parameters.json"),
        "{\"Waa\":[[0]],\"Wax\":[[9]],\"ba\":[9],\"Wya\":[[3e38]],\"by\":[3e38]}");
    Token token = Token.of("k", 1);
    RnnFunction<String, Token, Prediction> recurrence = RnnFunction.of(model.toString());
    try (RnnHarness harness = RnnHarness.open(recurrence.withFields(OutputField.HIDDEN))) {
      assertThat(harness.process(token).get(0).hidden()).containsExactly(1);
    }
    for (OutputField field : List.of(OutputField.LOGITS, OutputField.PREDICTION)) {
      try (RnnHarness harness = RnnHarness.open(recurrence.withFields(field))) {
        assertThat(harness.process(token)).isEmpty();
        assertThat(harness.rejected()).hasSize(1);
      }
    }
  }

  private static Prediction predict(RnnFunction<String, Token, Prediction> recurrence)
      throws Exception {
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      Prediction prediction = harness.process(TOKEN).get(0);
      assertThat(prediction.key()).isEqualTo("k");
      assertThat(prediction.t()).isEqualTo(1);
      assertThat(prediction.carried()).containsExactly("1");
      return prediction;
    }
  }

  private static EnumSet<OutputField> fieldsOf(Prediction prediction) {
    EnumSet<OutputField> fields = EnumSet.noneOf(OutputField.class);
    add(fields, OutputField.TOKEN, prediction.token());
    add(fields, OutputField.LABEL, prediction.label());
    add(fields, OutputField.PREDICTION, prediction.prediction());
    add(fields, OutputField.LOGITS, prediction.logits());
    add(fields, OutputField.HIDDEN, prediction.hidden());
    add(fields, OutputField.SEQ, prediction.seq());
    add(fields, OutputField.TIMESTAMP, prediction.timestamp());
    add(fields, OutputField.MODEL, prediction.model());
    return fields;
  }

  private static void add(EnumSet<OutputField> fields, OutputField field, Object value) {
    if (value != null) {
      fields.add(field);
    }
  }
}
