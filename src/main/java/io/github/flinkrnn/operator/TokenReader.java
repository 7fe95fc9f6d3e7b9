package io.github.flinkrnn.operator;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.Vocabulary;
import io.github.flinkrnn.model.WordOutputs;
import io.github.flinkrnn.network.Scale;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Reads tokens for a model: checks that the model can read a token, and makes x&lt;t&gt; from it
 * once. Holds what was read last. Not thread-safe.
 */
@Internal
public final class TokenReader {
  /** Why a token cannot be read. */
  public record Refusal(Reason reason, String detail) {}

  /** The result of {@link #word} for a token without a word, or with an unknown word. */
  public static final int NO_WORD = Vocabulary.NONE;

  private final Vocabulary vocabulary; // null unless the model reads words
  private final FieldEncoder fields; // null unless the model reads fields
  private final int features;
  private final Scale scale; // null for none
  private final float[] scaled; // null for none
  private final Kernel kernel = Kernel.best();
  private Token token; // read last
  private int word = NO_WORD;
  private float[] x;

  /** Creates a reader for a model. */
  public TokenReader(RnnModel model) {
    vocabulary = model.input() instanceof ModelInput.Words words ? words.vocabulary() : null;
    fields = FieldEncoder.of(model);
    features = model.input().size();
    scale = model.input() instanceof ModelInput.Features given ? given.scale() : null;
    scaled = scale == null ? null : new float[features];
  }

  /** Where the tokens of a model have x&lt;t&gt;. */
  public static Reads reads(RnnModel model) {
    return model.input() instanceof ModelInput.Words
        ? Reads.WORD
        : model.input() instanceof ModelInput.Fields ? Reads.VALUES : Reads.FEATURES;
  }

  /** The fields of a job's tokens for a model: with its own fields, and limits on times it uses. */
  public static TokenFields fields(RnnModel model, TokenFields fields) {
    if (!(model.input() instanceof ModelInput.Fields input)) {
      return fields;
    }
    List<TokenFields.Value> values = new ArrayList<>();
    for (InputField field : input.fields()) {
      if (!(field instanceof InputField.Elapsed)) {
        boolean isCategory = field instanceof InputField.CategoryField;
        values.add(new TokenFields.Value(field.name(), isCategory));
      }
    }
    TokenFields withValues = fields.withValues(values);
    return input.needsTime() ? withValues.withTimes(fields.times().deciding()) : withValues;
  }

  /** The id of the word of the token; {@link #NO_WORD} for a model with features. */
  public int word() {
    return word;
  }

  /** x&lt;t&gt; as the network takes it, for a model with features. Not to be modified. */
  public float[] x() {
    return x;
  }

  /** Whether {@link #x} is the same array for each token. */
  boolean reusesX() {
    return fields != null || scaled != null;
  }

  /** What is counted of the fields of the token that was read last; null for nothing. */
  byte[] marks() {
    return fields == null ? null : fields.marks();
  }

  /** Whether this token was read last, and can be used. */
  @SuppressWarnings("ReferenceEquality")
  boolean hasRead(Token other) {
    return token == other;
  }

  /** The id of a word; {@link #NO_WORD} if it is not in the vocabulary. */
  int word(String word) {
    return word == null ? NO_WORD : vocabulary.id(word);
  }

  /** Whether both strings are the same word of the vocabulary. */
  boolean isSame(String word, String other) {
    return vocabulary.isSame(word, other);
  }

  /**
   * Reads a token.
   *
   * @return why the model cannot read it; null if it can
   */
  public Refusal read(Token next) {
    Refusal refusal = readNow(next);
    token = refusal == null ? next : null;
    return refusal;
  }

  private Refusal readNow(Token next) {
    if (fields != null) {
      x = fields.x();
      return fields.read(next);
    }
    if (vocabulary == null) {
      return readFeatures(next.features());
    }
    word = next.token() == null ? NO_WORD : vocabulary.id(next.token());
    if (word != NO_WORD) {
      return null;
    }
    Reason reason = next.token() == null ? Reason.MISSING_FIELD : Reason.UNKNOWN_TOKEN;
    return new Refusal(reason, "token: expected a word of the vocabulary");
  }

  /** Whether the next step needs the time of this one. */
  public boolean keepsTime() {
    return fields != null && fields.needsTime();
  }

  /** The time of a token, if the next step needs it; otherwise {@link Position#NONE}. */
  long timeToKeep(Token token) {
    return keepsTime() ? token.timestamp() : Position.NONE;
  }

  /** How many floats of x&lt;t&gt; the next step needs. */
  public int memorySize() {
    return fields == null ? 0 : fields.memorySize();
  }

  /**
   * Adds what comes from the token before to x&lt;t&gt; of the token that was read last.
   *
   * @param memory holds what {@link #remember} kept, from {@code at}; null at t = 1
   * @param time of the token before, in epoch milliseconds, if the model {@link #keepsTime}
   * @return why x&lt;t&gt; cannot be made; null if it can
   */
  public Refusal complete(float[] memory, int at, long time) {
    return fields == null ? null : fields.complete(memory, at, time);
  }

  /**
   * Copies what the next step needs.
   *
   * @param slots of this step, from {@code slotsAt}
   * @param into receives [memorySize] from {@code to}
   */
  public void remember(float[] slots, int slotsAt, float[] into, int to) {
    if (fields != null) {
      fields.remember(slots, slotsAt, into, to);
    }
  }

  /** The id of the word that the outputs are compared with. */
  int wordId(WordOutputs words) {
    return fields == null ? word : fields.id(words.field());
  }

  private Refusal readFeatures(float[] numbers) {
    int length = numbers == null ? 0 : numbers.length;
    if (length != features) {
      return new Refusal(
          numbers == null ? Reason.MISSING_FIELD : Reason.WRONG_LENGTH,
          "features: expected " + features + " numbers, found " + length);
    }
    if (!kernel.isFinite(numbers, 0, length)) {
      return new Refusal(Reason.NOT_FINITE, "features: expected finite numbers");
    }
    x = numbers;
    if (scale == null) {
      return null;
    }
    for (int i = 0; i < length; i++) {
      scaled[i] = scale.apply(numbers[i], i);
    }
    x = scaled;
    return kernel.isFinite(scaled, 0, length)
        ? null
        : new Refusal(
            Reason.NOT_FINITE, "features: expected numbers that are finite after input.scale");
  }
}
