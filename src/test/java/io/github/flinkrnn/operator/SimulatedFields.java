package io.github.flinkrnn.operator;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * The models of fields in a simulation, and how a token becomes x&lt;t&gt; for them, in plain Java:
 * a word, an amount that may be missing, a segment that is held, a vector with overlap and the
 * elapsed time; then a convolution and a GRU.
 */
final class SimulatedFields {
  /** The slots: word, amount, segment, the number before, two numbers, elapsed time. */
  static final int SLOTS = 7;

  /** The input in config.json. */
  static final String INPUT =
      "'input': {'fields': [{'name': 'word', 'type': 'category', 'vocabulary': 'words.txt',"
          + " 'embedding': 'word.weight'},"
          + " {'name': 'amount', 'missing': 8, 'missing_flag': true,"
          + " 'scale': {'mean': 12, 'std': 7}},"
          + " {'name': 'segment', 'type': 'category', 'size': 3, 'hold': true},"
          + " {'name': 'probe', 'type': 'vector', 'size': 2, 'overlap': 1, 'missing': 4,"
          + " 'scale': {'min': 0, 'max': 8}},"
          + " {'type': 'elapsed', 'unit': 'ms', 'first': 10, 'scale': {'log1p': true}}]}";

  /** Two heads in config.json. */
  static final String HEADS =
      "'outputs': [{'name': 'next', 'layers': ['fc'], 'labels': ['the', 'cat', 'sat', 'down']},"
          + " {'name': 'rest', 'layers': ['tanh', 'rest'], 'activation': 'identity',"
          + " 'unscale': {'mean': 3, 'std': 2}}]";

  private static final List<String> WORDS = List.of("the", "cat", "sat", "down");
  private static final int WORD = 0;
  private static final int AMOUNT = 1;
  private static final int SEGMENT = 2;
  private static final int OVERLAP = 3;
  private static final int PROBE = 4;
  private static final int ELAPSED = 6;

  private SimulatedFields() {}

  /** Writes a model of seeded weights. */
  static Path write(Path parent, boolean severalHeads) throws IOException {
    Path directory = Files.createDirectories(parent.resolve(severalHeads ? "heads" : "fields"));
    String one = "'output': {'labels': ['the', 'cat', 'sat', 'down']}";
    Random random = new Random(severalHeads ? 5 : 4);
    SafeTensorsFile tensors =
        new SafeTensorsFile()
            .f32("word.weight", new int[] {4, 3}, drawn(random, 12))
            .f32("conv.weight", new int[] {5, 12, 2}, drawn(random, 120))
            .f32("gru.weight_ih_l0", new int[] {12, 5}, drawn(random, 60))
            .f32("gru.weight_hh_l0", new int[] {12, 4}, drawn(random, 48))
            .f32("fc.weight", new int[] {4, 4}, drawn(random, 16));
    if (severalHeads) {
      tensors.f32("rest.weight", new int[] {2, 4}, drawn(random, 8));
    }
    ModelDirectory.in(directory)
        .write("words.txt", String.join("\n", WORDS) + "\n")
        .safetensors(tensors)
        .config(
            "{"
                + INPUT
                + ", 'layers': ['conv', 'relu', 'gru'"
                + (severalHeads ? "" : ", 'fc'")
                + "], "
                + (severalHeads ? HEADS : one)
                + "}");
    return directory;
  }

  private static float[] drawn(Random random, int n) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = (float) random.nextGaussian() / 2;
    }
    return numbers;
  }

  /** Why the values cannot be read, whatever the sequence; null if they can. */
  static Reason refusal(Token token) {
    FieldValues values = token.values();
    if (token.timestamp() == null || values.get("word") == null) {
      return Reason.MISSING_FIELD;
    }
    if (!WORDS.contains(values.get("word"))) {
      return Reason.UNKNOWN_TOKEN;
    }
    return values.get("amount") instanceof String ? Reason.WRONG_TYPE : null;
  }

  /**
   * x&lt;t&gt; of a token after another; null if the segment never came.
   *
   * @param before x&lt;t-1&gt;; null at t = 1
   * @param then the time of the token before
   */
  static float[] x(Token token, float[] before, long then) {
    FieldValues values = token.values();
    float[] x = new float[SLOTS];
    x[WORD] = WORDS.indexOf(values.get("word"));
    Object amount = values.get("amount");
    x[AMOUNT] = amount == null ? Float.NaN : (float) (((double) amount - 12) / 7);
    Object segment = values.get("segment");
    if (segment == null && before == null) {
      return null;
    }
    x[SEGMENT] = segment == null ? before[SEGMENT] : (long) segment;
    double[] probe = (double[]) values.get("probe");
    for (int i = 0; i < 2; i++) {
      x[PROBE + i] = (float) (probe[i] / 8); // NaN stays NaN
    }
    float last = before == null ? 0 : before[PROBE + 1];
    x[OVERLAP] = Float.isNaN(last) ? 0.5f : last; // 4 of 0 to 8
    double elapsed = before == null ? 10 : Math.max(0, token.timestamp() - then);
    x[ELAPSED] = (float) StrictMath.log1p(elapsed);
    return x;
  }
}
