package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several heads: what is computed, emitted and written, and which head an option is about. */
class HeadsTest {
  @TempDir private Path directory;

  /**
   * a&lt;t&gt; = relu(x&lt;t&gt;): one-hot word and an amount; head next: the word before the last.
   */
  @BeforeEach
  void writeModel() throws IOException {
    ModelDirectory.in(directory)
        .write("words.txt", "a\nb\n")
        .safetensors(
            new SafeTensorsFile()
                .f32("rnn.weight_ih_l0", new int[] {3, 3}, 1, 0, 0, 0, 1, 0, 0, 0, 1)
                .zeros("rnn.weight_hh_l0", 3, 3)
                .f32("next.weight", new int[] {2, 3}, 0, 4, 0, 4, 0, 0)
                .f32("risk.weight", new int[] {1, 3}, 0, 0, 2))
        .config(
            "{'nonlinearity': 'relu', 'input': {'fields': [{'name': 'word', 'type': 'category',"
                + " 'vocabulary': 'words.txt'}, 'amount']}, 'outputs': ["
                + "{'name': 'risk', 'layers': ['risk'], 'activation': 'identity',"
                + " 'unscale': {'mean': 1, 'std': 10}},"
                + "{'name': 'next', 'layers': ['next'], 'labels': ['a', 'b']}]}");
  }

  private static Token token(String word, double amount) {
    return Token.of("k", Map.of("word", word, "amount", amount));
  }

  private List<Prediction> run(SequenceOptions sequence, OutputOptions output, Token... tokens)
      throws Exception {
    try (RnnHarness harness =
        RnnHarness.open(RnnFunction.of(directory.toString()).with(sequence).with(output))) {
      for (Token token : tokens) {
        harness.process(token);
      }
      return new ArrayList<>(harness.all());
    }
  }

  private List<Prediction> run(OutputOptions output, Token... tokens) throws Exception {
    return run(SequenceOptions.DEFAULT, output, tokens);
  }

  private static OutputOptions fields(OutputField... fields) {
    return OutputOptions.DEFAULT.withFields(List.of(fields));
  }

  @Test
  void eachHeadHasItsOutput() throws Exception {
    Prediction found =
        run(fields(OutputField.LABEL, OutputField.PREDICTION), token("a", 0.5)).get(0);
    assertThat(found.label()).isNull();
    assertThat(found.prediction()).isNull();
    assertThat(found.output("risk").prediction()).containsExactly(11);
    assertThat(found.output("risk").label()).isNull();
    assertThat(found.output("next").label()).isEqualTo("b");
    assertThat(found.output("other")).isNull();
    assertThat(
            new String(new PredictionEncoder(List.of()).serialize(found), StandardCharsets.UTF_8))
        .startsWith(
            "{\"key\":\"k\",\"t\":1,\"outputs\":{\"risk\":{\"prediction\":[11.0]},"
                + "\"next\":{\"label\":\"b\",\"prediction\":[0.0179862");
  }

  @Test
  void onlyHeadsThatAreAskedForAreThere() throws Exception {
    assertThat(run(fields(OutputField.LABEL), token("a", 1)).get(0).outputs())
        .extracting(HeadOutput::name)
        .containsExactly("next");
    assertThat(run(fields(OutputField.SEQ), token("a", 1)).get(0).outputs()).isNull();
  }

  /** A head that nothing asks for may overflow. */
  @Test
  void otherHeadsAreNotComputed() throws Exception {
    Token huge = token("a", 3e38);
    assertThat(run(fields(OutputField.LABEL), huge)).hasSize(1);
    assertThat(run(fields(OutputField.PREDICTION), huge)).isEmpty();
  }

  @Test
  void topKIsForEachHeadOrForOne() throws Exception {
    Prediction all = run(fields().withTopK(2), token("a", 1)).get(0);
    assertThat(all.output("next").top()).containsExactly("b", "a");
    assertThat(all.output("risk").top()).containsExactly("0");
    Prediction one = run(fields(OutputField.PREDICTION).withTopK("next", 1), token("a", 1)).get(0);
    assertThat(one.output("next").top()).containsExactly("b");
    assertThat(one.output("next").prediction()).isNull();
    assertThat(one.output("risk").prediction()).containsExactly(21);
  }

  @Test
  void aRuleIsAboutTheFirstHeadOrTheNamedOne() throws Exception {
    Token[] tokens = {token("a", 0.5), token("a", 5), token("b", 0.5), token("b", 0.5)};
    Emit above = Emit.above(Emit.When.ABOVE, 50);
    assertThat(run(fields().withEmit(above), tokens)).extracting(Prediction::t).containsExactly(2L);
    Emit named = new Emit(Emit.When.ABOVE, 0.5, "a").withHead("next");
    assertThat(run(fields().withEmit(named), tokens))
        .extracting(Prediction::t)
        .containsExactly(3L, 4L);
    Emit changed = Emit.of(Emit.When.CHANGE).withHead("next");
    assertThat(run(fields().withEmit(changed), tokens))
        .extracting(Prediction::t)
        .containsExactly(1L, 3L);
  }

  /** The head next says the other word: the rank of a change is 1. */
  @Test
  void rankUsesTheHeadWhoseOutputsAreTheWordsOfAField() throws Exception {
    assertThat(run(fields(OutputField.RANK), token("a", 0), token("b", 0), token("b", 0)))
        .extracting(Prediction::rank)
        .containsExactly(null, 1, 2);
  }

  /** Only the word changes; the amount stays. */
  @Test
  void generatedWordsReuseTheOtherFields() throws Exception {
    List<Prediction> found =
        run(
            SequenceOptions.DEFAULT.withGeneration(new Generation(null, 3, 0, 0)),
            fields(OutputField.TOKEN, OutputField.PREDICTION),
            token("a", 0.5).withGenerate());
    assertThat(found).extracting(Prediction::token).containsExactly(null, "b", "a", "b");
    assertThat(found)
        .extracting(prediction -> prediction.output("risk").prediction()[0])
        .containsOnly(11f);
  }

  @Test
  void anOptionOfAHeadThatIsNotThereIsRefused() throws Exception {
    try (RnnModel model = RnnModel.load(directory)) {
      assertRefused(
          model,
          fields().withEmit(Emit.above(Emit.When.ABOVE, 1).withHead("rsk")),
          "output.emit.of: expected a head of the model (risk, next), found 'rsk' (did you mean"
              + " risk?)");
      assertRefused(
          model,
          fields().withTopK("nxt", 1),
          "output.top_k.nxt: expected a head of the model (risk, next), found 'nxt' (did you mean"
              + " next?)");
      assertRefused(
          model, fields().withTopK("risk", 2), "output.top_k.risk: expected at most 1, found 2");
      assertRefused(
          model,
          fields().withTopK(3),
          "output.top_k: expected at most the model's 2 outputs, found 3");
      assertRefused(
          model,
          fields().withEmit(Emit.of(Emit.When.CHANGE)),
          "output.emit: change: expected a head with labels");
    }
    assertThatThrownBy(() -> Emit.above(Emit.When.RANK_ABOVE, 1).withHead("next"))
        .hasMessage("output.emit.of: expected only with above, change or error_above");
  }

  private static void assertRefused(RnnModel model, OutputOptions output, String problem) {
    assertThatThrownBy(() -> ModelFit.check(model, SequenceOptions.DEFAULT, output))
        .hasMessage(problem);
  }
}
