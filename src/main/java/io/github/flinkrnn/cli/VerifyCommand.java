package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.file.LineReader;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.operator.TokenReader;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * {@code verify MODEL --input tokens.jsonl --expected expected.jsonl}: checks that the model
 * computes what the framework that trained it computes. The files correspond line by line. A line
 * of the second has {@code key}, {@code t}, {@code prediction} and, optionally, {@code hidden}.
 *
 * <p>A model whose file fixes its number of steps is checked in two ways: with the state carried,
 * and over windows of that many steps, as its framework predicts. A framework has no prediction for
 * an incomplete window, so the lines of these tokens may omit it.
 *
 * <p>A bidirectional model looks ahead to the end of each sequence. If it has one prediction for
 * the whole sequence, this belongs to the last token: the lines of the others may omit it, or be
 * left out.
 */
final class VerifyCommand {
  /**
   * @param kept the state, followed by what the next x&lt;t&gt; needs; null for no sequence
   * @param time of the last token, if the model needs it
   * @param window x&lt;t&gt; of the last tokens; of a word, its id
   */
  private record Sequence(long t, float[] kept, long time, List<float[]> window) {}

  private final RnnModel model;
  private final RnnStepper stepper;
  private final TokenDecoder decoder;
  private final TokenReader reader;
  private final Path input;
  private final Path expected;
  private final double tolerance;
  private final int steps;
  private final Map<String, Sequence> sequences = new HashMap<>();
  private int sequenceCount;
  private final Comparison carried;
  private final Comparison windowed;
  private final Spread predictions = new Spread();
  private final Spread hiddens = new Spread();

  VerifyCommand(RnnModel model, RnnStepper stepper, Path input, Path expected, double tolerance) {
    this.model = model;
    this.stepper = stepper;
    this.decoder =
        new TokenDecoder(
            TokenReader.fields(model, TokenFields.TOP_LEVEL),
            TokenReader.reads(model),
            TokenDecoder.DEFAULT_MAX_BYTES);
    this.reader = new TokenReader(model);
    this.input = input;
    this.expected = expected;
    this.tolerance = tolerance;
    this.steps = model.bidirectionalLayers() > 0 ? 0 : model.fixedSteps();
    this.carried = new Comparison(tolerance);
    this.windowed = new Comparison(tolerance);
  }

  /** Parses the value of {@code --tolerance}. */
  static double tolerance(String text) {
    if (!text.matches("[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?")) {
      throw new UsageException("--tolerance " + text + ": expected a number like 2e-5");
    }
    return Double.parseDouble(text);
  }

  /**
   * Compares all lines and prints the result.
   *
   * @throws FailedJobException if a difference is above the tolerance
   * @throws InvalidFileException if the files do not fit the model or each other
   */
  void run(Console console) throws IOException, FailedJobException {
    int lines = model.bidirectionalLayers() > 0 ? runWhole() : runLines();
    if (!carried.hasPredictions()) {
      throw new InvalidFileException(
          expected.toString(), "", "missing: expected at least one prediction");
    }
    console.say("compared", lines + " steps of " + sequenceCount + " sequences");
    if (steps == 0) {
      console.say("output", carried.predictions());
      console.say("hidden", carried.hiddens());
    } else {
      console.say("steps", steps + ", fixed by the file: compared in both ways");
      console.say("carried", carried.describe());
      console.say("windows", windowed.describe());
    }
    console.say("agrees", verdict());
    sayWhatCannotBeTold(console);
  }

  /** Compares the steps of a model that reads from left to right. Returns how many. */
  private int runLines() throws IOException {
    int lines = 0;
    try (InputStream tokens = open(input);
        InputStream answers = open(expected)) {
      LineReader in = new LineReader(tokens, input.toString(), TokenDecoder.DEFAULT_MAX_BYTES);
      LineReader out = new LineReader(answers, expected.toString(), 1 << 26);
      for (SourceRecord token = in.next(); token != null; token = in.next()) {
        SourceRecord answer = out.next();
        lines++;
        if (answer == null) {
          throw invalid(expected, lines, "missing: expected a line for each token");
        }
        compare(token(token, lines), parse(answer, lines), lines);
      }
      if (lines == 0) {
        throw invalid(input, 1, "missing: expected a token");
      }
      if (out.next() != null) {
        throw invalid(expected, lines + 1, "expected a line for each token, found one more");
      }
    }
    sequenceCount = sequences.size();
    return lines;
  }

  /** Compares the steps of a bidirectional model. Returns how many. */
  private int runWhole() throws IOException {
    List<String> keys = new ArrayList<>();
    List<JsonNode> answers = new ArrayList<>();
    try (WholeSequences whole = new WholeSequences(model, reader);
        InputStream tokens = open(input);
        InputStream said = open(expected)) {
      LineReader in = new LineReader(tokens, input.toString(), TokenDecoder.DEFAULT_MAX_BYTES);
      for (SourceRecord record = in.next(); record != null; record = in.next()) {
        Token token = token(record, keys.size() + 1);
        keys.add(token.key());
        refuse(whole.take(token), keys.size());
      }
      LineReader out = new LineReader(said, expected.toString(), 1 << 26);
      for (SourceRecord answer = out.next(); answer != null; answer = out.next()) {
        answers.add(parse(answer, answers.size() + 1));
      }
      List<float[]> outputs = whole.finish();
      List<Integer> places = new ArrayList<>(); // of the tokens that have a line
      boolean hasAll = !model.readsFinal() || answers.size() == keys.size();
      for (int i = 0; i < keys.size(); i++) {
        if (hasAll || outputs.get(i) != null) {
          places.add(i);
        }
      }
      if (keys.isEmpty()) {
        throw invalid(input, 1, "missing: expected a token");
      }
      if (answers.size() != places.size()) {
        throw invalid(
            expected,
            Math.min(answers.size(), places.size()) + 1,
            "expected a line for each "
                + (model.readsFinal() ? "token, or for each sequence" : "token")
                + ", found "
                + answers.size());
      }
      for (int i = 0; i < places.size(); i++) {
        int at = places.get(i);
        expectStep(answers.get(i), keys.get(at), whole.steps().get(at), i + 1);
        if (outputs.get(at) != null) {
          compare(outputs.get(at), answers.get(i), i + 1);
        }
      }
      sequenceCount = whole.count();
    }
    return keys.size();
  }

  private void compare(float[] output, JsonNode answer, int line) {
    float[] hidden = stepper.hidden(output);
    double[] saidPrediction = said(answer, line);
    double[] saidHidden =
        answer.has("hidden") ? numbers("hidden", hidden.length, answer, line) : null;
    carried.see(prediction(output), saidPrediction, hidden, saidHidden, line);
    predictions.see(saidPrediction);
    hiddens.see(saidHidden);
  }

  private void expectStep(JsonNode answer, String key, long t, int line) {
    if (!answer.path("key").asString("").equals(key) || answer.path("t").asLong(-1) != t) {
      throw invalid(expected, line, "expected key " + key + " and t " + t);
    }
  }

  private void refuse(TokenReader.Refusal refusal, int line) {
    if (refusal != null) {
      throw invalid(input, line, refusal.reason().text() + ", " + refusal.detail());
    }
  }

  private String verdict() throws FailedJobException {
    String within = "within " + tolerance;
    boolean byCarrying = carried.agrees();
    boolean byWindows = steps > 0 && windowed.agrees();
    if (!byCarrying && !byWindows) {
      String ways = steps == 0 ? "" : ", with the state carried and over windows of " + steps;
      throw new FailedJobException("the model differs by more than " + tolerance + ways);
    }
    if (steps == 0) {
      return within;
    }
    String window = "sequence.window: " + steps;
    if (byCarrying && byWindows) {
      return "in both ways, " + within + ": these lines do not distinguish them";
    }
    return byCarrying
        ? "with the state carried, " + within + ": a job without sequence.window"
        : "over windows of " + steps + ", " + within + ": a job with " + window;
  }

  /** Adds a note if a model with constant predictions would agree too. */
  private void sayWhatCannotBeTold(Console console) {
    if (predictions.tells(tolerance)) {
      return;
    }
    String why =
        "the expected predictions hardly differ from line to line: a wrong model could agree";
    console.say(
        "note",
        why
            + (hiddens.isEmpty()
                ? "; add hidden to each line of " + expected
                : hiddens.tells(tolerance)
                    ? "; the hidden states differ enough"
                    : "; the expected hidden states hardly differ either"));
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InvalidFileException(file.toString(), "", "missing: expected a file of JSON lines");
    }
    return Files.newInputStream(file);
  }

  private Token token(SourceRecord record, int line) {
    try {
      Token token = decoder.decode(record);
      refuse(reader.read(token), line);
      return token;
    } catch (Rejection rejection) {
      throw invalid(input, line, rejection.reason().text() + ", " + rejection.getMessage());
    }
  }

  private JsonNode parse(SourceRecord answer, int line) {
    return ConfigJson.parse(expected.toString(), "line " + line, answer.value());
  }

  private void compare(Token token, JsonNode answer, int line) {
    Sequence before = sequences.get(token.key());
    if (before == null || token.start() || before.kept() == null) {
      before = new Sequence(0, null, 0, new ArrayList<>());
    }
    int stateSize = model.stateSize();
    refuse(reader.complete(before.kept(), stateSize, before.time()), line);
    boolean ofWords = model.input() instanceof ModelInput.Words;
    float[] x = ofWords ? new float[] {reader.word()} : reader.x().clone();
    float[] next = new float[stateSize + reader.memorySize()];
    step(x, before.kept() == null ? model.initialState() : before.kept(), next, line);
    reader.remember(x, 0, next, stateSize);
    long t = before.t() + 1;
    expectStep(answer, token.key(), t, line);
    boolean maySayNothing = t < steps;
    float[] prediction = prediction(next);
    float[] hidden = stepper.hidden(next);
    double[] saidPrediction =
        maySayNothing && !answer.hasNonNull("prediction") ? null : said(answer, line);
    double[] saidHidden =
        answer.has("hidden") ? numbers("hidden", hidden.length, answer, line) : null;
    carried.see(prediction, saidPrediction, hidden, saidHidden, line);
    predictions.see(saidPrediction);
    hiddens.see(saidHidden);
    if (steps > 0) {
      List<float[]> window = before.window();
      window.add(x);
      if (window.size() > steps) {
        window.remove(0);
      }
      float[] state = overWindow(window, line);
      windowed.see(prediction(state), saidPrediction, stepper.hidden(state), saidHidden, line);
    }
    long time = reader.keepsTime() ? token.timestamp() : 0;
    sequences.put(token.key(), new Sequence(t, token.end() ? null : next, time, before.window()));
  }

  /** The predictions of all heads, one after the other. */
  private float[] prediction(float[] state) {
    int size = model.heads().stream().mapToInt(Head::size).sum();
    float[][] logits =
        model.heads().stream().map(head -> new float[head.size()]).toArray(float[][]::new);
    stepper.logits(state, logits);
    float[] all = new float[size];
    int at = 0;
    for (int h = 0; h < logits.length; h++) {
      System.arraycopy(stepper.prediction(h, logits[h]), 0, all, at, logits[h].length);
      at += logits[h].length;
    }
    return all;
  }

  /** The expected predictions of all heads, one after the other. */
  private double[] said(JsonNode answer, int line) {
    if (model.headNames().isEmpty()) {
      return numbers("prediction", model.outputSize(), answer, line);
    }
    return model.heads().stream()
        .flatMapToDouble(
            head -> {
              JsonNode of = answer.path("outputs").path(head.name());
              return Arrays.stream(numbers("prediction", head.size(), of, line));
            })
        .toArray();
  }

  /** The state after the window's tokens, from a&lt;0&gt;. */
  private float[] overWindow(List<float[]> window, int line) {
    float[] state = model.initialState();
    for (float[] x : window) {
      float[] next = new float[state.length];
      step(x, state, next, line);
      state = next;
    }
    return state;
  }

  private void step(float[] x, float[] previous, float[] next, int line) {
    try {
      if (model.input() instanceof ModelInput.Words) {
        stepper.step((int) x[0], previous, next);
      } else {
        stepper.stepRead(x, previous, next);
      }
    } catch (NotAcceptedException e) {
      throw invalid(input, line, "not accepted by the model: " + e.getMessage());
    }
  }

  private double[] numbers(String field, int length, JsonNode answer, int line) {
    JsonNode said = answer.path(field);
    if (!said.isArray() || said.size() != length) {
      throw invalid(expected, line, field + ": expected " + length + " numbers");
    }
    double[] numbers = new double[length];
    for (int i = 0; i < length; i++) {
      if (!said.get(i).isNumber()) {
        throw invalid(expected, line, field + "[" + i + "]: expected a number");
      }
      numbers[i] = Double.parseDouble(said.get(i).asString());
    }
    return numbers;
  }

  private static InvalidFileException invalid(Path file, int line, String problem) {
    return new InvalidFileException(file.toString(), "line " + line, problem);
  }
}
