package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;

/** The kinds of state that the operator can keep, and how to make a golden snapshot of each. */
enum GoldenState {
  /** Tokens that wait for numbers, and repeated numbers. */
  SEQ,
  /** Tokens that wait for the watermark, and an idle timeout in event time. */
  TIMESTAMP,
  /** The latest prediction of a sequence that continues. */
  LAST,
  /** The last tokens, in place of a hidden state. */
  WINDOW,
  /** The state tensors of an ONNX step graph. */
  STEP_GRAPH;

  /** The folders of golden snapshots, one for each format. None is ever removed. */
  static final List<String> FORMATS = List.of("0.1.0");

  static final long TAKEN_AT = 1_800_000_000_000L;
  static final long TIMEOUT = 160_000; // a sixteenth of it divides TAKEN_AT
  static final long WAIT = 10_000;

  /** The number of steps of the step graph's case that were taken before the snapshot. */
  static final int STEPS = 8;

  static RnnModel model() throws IOException {
    return RnnModel.load(GoldenCase.resource("states/model"));
  }

  static io.github.flinkrnn.model.GoldenCase stepGraph() {
    return io.github.flinkrnn.model.GoldenCase.of("onnx", "step-plain-lstm");
  }

  RnnFunction<String, Token, Prediction> function() throws IOException {
    Path model =
        this == STEP_GRAPH ? stepGraph().modelDirectory() : GoldenCase.resource("states/model");
    SequenceOptions byClock =
        SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofMillis(TIMEOUT), false);
    SequenceOptions sequence =
        switch (this) {
          case SEQ ->
              byClock.withOrder(
                  OrderOptions.of(By.SEQ)
                      .withWaiting(Duration.ofMillis(WAIT), 10)
                      .withoutDuplicates());
          case TIMESTAMP ->
              SequenceOptions.DEFAULT
                  .withOrder(OrderOptions.of(By.TIMESTAMP))
                  .withIdleTimeout(Duration.ofMillis(TIMEOUT), true);
          case LAST, STEP_GRAPH -> byClock;
          case WINDOW -> byClock.withWindow(3);
        };
    Emit emit = this == LAST ? Emit.of(Emit.When.LAST) : Emit.EACH;
    return RnnFunction.of(model.toString()).with(sequence).with(GoldenCase.NUMBERS.withEmit(emit));
  }

  /** Processes the tokens that come before the snapshot. */
  void feed(RnnHarness harness) throws Exception {
    switch (this) {
      case SEQ -> {
        Token first = Token.of("a", "the").at(0);
        for (Token token : List.of(first, first, Token.of("b", "the").at(0), first)) {
          harness.process(token);
        }
        harness.process(Token.of("b", "cat").at(1));
        harness.process(Token.of("a", "sat").at(3));
        harness.process(Token.of("a", "cat").at(2));
      }
      case TIMESTAMP -> {
        harness.process(Token.of("a", "the").atTime(1000));
        harness.watermark(1000);
        harness.process(Token.of("a", "sat").atTime(3000).at(2));
        harness.process(Token.of("a", "cat").atTime(2000));
        harness.process(Token.of("a", "down").atTime(3000).at(1));
      }
      case LAST -> {
        harness.process(Token.of("a", "the"));
        harness.process(Token.of("a", "cat"));
      }
      case WINDOW -> {
        for (String word : List.of("the", "cat", "sat", "down")) {
          harness.process(Token.of("a", word));
        }
      }
      case STEP_GRAPH -> {
        for (Token token : stepGraphTokens().subList(0, STEPS)) {
          harness.process(token);
        }
      }
    }
  }

  static List<Token> stepGraphTokens() {
    List<Token> tokens = new ArrayList<>();
    stepGraph().steps().forEach(step -> tokens.add(Token.of(step.key(), step.features())));
    return tokens;
  }

  private String file() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  OperatorSubtaskState read(String format) throws Exception {
    Path path = GoldenCase.resource("states/" + format + "/" + file());
    return OperatorSnapshotUtil.readStateHandle(path.toString());
  }

  /** A snapshot that the current build takes. */
  OperatorSubtaskState take() throws Exception {
    try (RnnHarness harness = RnnHarness.restore(function(), null, TAKEN_AT)) {
      feed(harness);
      return harness.snapshot();
    }
  }

  void write(Path folder) throws Exception {
    OperatorSnapshotUtil.writeStateHandle(take(), folder.resolve(file()).toString());
  }
}
