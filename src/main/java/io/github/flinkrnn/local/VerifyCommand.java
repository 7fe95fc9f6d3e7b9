package io.github.flinkrnn.local;

import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.file.LineReader;
import io.github.flinkrnn.job.UsageException;
import io.github.flinkrnn.json.Rejection;
import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * {@code verify MODEL --input tokens.jsonl --expected expected.jsonl}: whether the model computes
 * what the framework that trained it computes. The files agree line by line; a line of the second
 * has {@code key}, {@code t}, {@code prediction} and, where known, {@code hidden}.
 */
final class VerifyCommand {
  private record Sequence(long t, float[] state) {}

  /** The largest difference of one kind, and the line it is in. */
  private static final class Largest {
    private double difference;
    private int line;

    void see(double found, int at) {
      // NaN is the largest of all
      if (line == 0 || !(found <= difference)) {
        difference = found;
        line = at;
      }
    }

    String describe() {
      return line == 0
          ? "not in the file"
          : String.format(Locale.ROOT, "largest difference %.3g, line %d", difference, line);
    }
  }

  private final RnnModel model;
  private final RnnStepper stepper;
  private final TokenDecoder decoder;
  private final Path input;
  private final Path expected;
  private final double tolerance;
  private final Map<String, Sequence> sequences = new HashMap<>();
  private final Largest predictions = new Largest();
  private final Largest hiddens = new Largest();

  VerifyCommand(RnnModel model, RnnStepper stepper, Path input, Path expected, double tolerance) {
    this.model = model;
    this.stepper = stepper;
    this.decoder =
        new TokenDecoder(TokenFields.TOP_LEVEL, model.input(), TokenDecoder.DEFAULT_MAX_BYTES);
    this.input = input;
    this.expected = expected;
    this.tolerance = tolerance;
  }

  /** The number that {@code --tolerance} gives. */
  static double tolerance(String text) {
    if (!text.matches("[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?")) {
      throw new UsageException("--tolerance " + text + ": expected a number like 2e-5");
    }
    return Double.parseDouble(text);
  }

  /**
   * Compares all lines and says the outcome.
   *
   * @throws FailedJobException when a difference is above the tolerance
   * @throws InvalidFileException when the files do not fit the model, or each other
   */
  void run(Console console) throws IOException, FailedJobException {
    int lines = 0;
    try (InputStream tokens = open(input);
        InputStream answers = open(expected)) {
      LineReader in = new LineReader(tokens, input.toString(), TokenDecoder.DEFAULT_MAX_BYTES);
      LineReader out = new LineReader(answers, expected.toString(), 1 << 26);
      for (SourceRecord token = in.next(); token != null; token = in.next()) {
        SourceRecord answer = out.next();
        lines++;
        if (answer == null) {
          throw invalid(expected, lines, "is missing: there are more tokens than answers");
        }
        compare(token(token, lines), parse(answer, lines), lines);
      }
      if (lines == 0 || out.next() != null) {
        throw invalid(expected, lines + 1, lines == 0 ? "expected tokens" : "has no token");
      }
    }
    console.say("compared", lines + " steps of " + sequences.size() + " sequences");
    console.say("output", predictions.describe());
    console.say("hidden", hiddens.describe());
    if (!(predictions.difference <= tolerance) || !(hiddens.difference <= tolerance)) {
      throw new FailedJobException("the model differs by more than " + tolerance);
    }
    console.say("agrees", "within " + tolerance);
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InvalidFileException(file.toString(), "", "is missing: expected a file of lines");
    }
    return Files.newInputStream(file);
  }

  private Token token(SourceRecord record, int line) {
    try {
      return decoder.decode(record);
    } catch (Rejection rejection) {
      throw invalid(input, line, rejection.reason().text() + ", " + rejection.getMessage());
    }
  }

  private JsonNode parse(SourceRecord answer, int line) {
    return ConfigJson.parse(expected.toString(), "line " + line, answer.value());
  }

  private void compare(Token token, JsonNode answer, int line) {
    Sequence before = sequences.get(token.key());
    if (before == null || token.start() || before.state() == null) {
      before = new Sequence(0, model.initialState());
    }
    float[] next = new float[model.stateSize()];
    if (model.input() instanceof ModelInput.Words words) {
      stepper.step(words.vocabulary().id(token.token()), before.state(), next);
    } else {
      stepper.step(token.features(), before.state(), next);
    }
    long t = before.t() + 1;
    sequences.put(token.key(), new Sequence(t, token.end() ? null : next));
    if (!answer.path("key").asString("").equals(token.key()) || answer.path("t").asLong(-1) != t) {
      throw invalid(expected, line, "expected key " + token.key() + " and t " + t);
    }
    float[] logits = stepper.logits(next);
    see(predictions, "prediction", stepper.prediction(logits), answer, line);
    if (answer.has("hidden")) {
      see(hiddens, "hidden", stepper.hidden(next), answer, line);
    }
  }

  private void see(Largest largest, String field, float[] found, JsonNode answer, int line) {
    JsonNode numbers = answer.path(field);
    if (!numbers.isArray() || numbers.size() != found.length) {
      throw invalid(expected, line, field + ": expected " + found.length + " numbers");
    }
    for (int i = 0; i < found.length; i++) {
      if (!numbers.get(i).isNumber()) {
        throw invalid(expected, line, field + "[" + i + "]: expected a number");
      }
      largest.see(Math.abs(found[i] - Double.parseDouble(numbers.get(i).asString())), line);
    }
  }

  private static InvalidFileException invalid(Path file, int line, String problem) {
    return new InvalidFileException(file.toString(), "line " + line, problem);
  }
}
