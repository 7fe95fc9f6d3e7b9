package io.github.flinkrnn.model;

import io.github.flinkrnn.formats.LoadedNetwork.Integers;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.network.Scale;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * A field of a record that is a part of x&lt;t&gt;. A value becomes numbers in {@link #slots
 * slots}, with NaN for what is missing; {@link io.github.flinkrnn.network.InputPart} replaces NaN.
 */
@Internal
public sealed interface InputField {
  /** The name of the field in a record; only a name for {@link Elapsed}. */
  String name();

  /** How many numbers of the encoded input it has. */
  int slots();

  /** Whether the last value of the sequence is used if a token has none. */
  boolean hold();

  /** Whether x&lt;t&gt; can be made without a value. */
  boolean canBeMissing();

  /**
   * Writes a value.
   *
   * @param value not null: a String, Boolean, Long, Double, BigInteger or double[]
   * @param x receives [slots] from {@code at}
   * @param marks receives what is to be counted
   * @return why the field does not take the value; null if it does
   */
  FieldProblem encode(Object value, float[] x, int at, Marks marks);

  /** Whether {@link #asIntegers} works. */
  default boolean canBeInteger() {
    return false;
  }

  /**
   * This field for a network that takes integers: other numbers are rejected. A category has an id
   * anyway.
   */
  default InputField asIntegers(Integers range) {
    throw new UnsupportedOperationException("expected a field of integers");
  }

  /** Adds everything that the slots depend on. */
  void addTo(Fingerprint fingerprint);

  /** A phrase for descriptions. */
  String describe();

  /** What happened to a value, besides that it was taken. */
  final class Marks {
    private static final int UNKNOWN = 1;
    private static final int CLIPPED = 2;
    private static final int MISSING = 4; // a part of the value

    private int bits;

    private void add(int bit) {
      bits |= bit;
    }

    /** Whether there is anything to count. */
    public boolean any() {
      return bits != 0;
    }

    /** Whether a word outside the vocabulary became the unknown word. */
    public boolean unknown() {
      return (bits & UNKNOWN) != 0;
    }

    /** Whether a number was clipped. */
    public boolean clipped() {
      return (bits & CLIPPED) != 0;
    }

    /** Forgets the last value. */
    public void clear() {
      bits = 0;
    }
  }

  /**
   * A number.
   *
   * @param scale null for none
   * @param missing in the unit of the record; null if the field is required
   * @param flag whether x&lt;t&gt; says that it is missing
   * @param integers those that the network takes; null for any numbers
   */
  record NumberField(
      String name, Scale scale, Double missing, boolean flag, boolean hold, Integers integers)
      implements InputField {
    @Override
    public boolean canBeInteger() {
      return scale == null;
    }

    @Override
    public InputField asIntegers(Integers range) {
      return new NumberField(name, null, missing, flag, hold, range);
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public boolean canBeMissing() {
      return missing != null;
    }

    @Override
    public FieldProblem encode(Object value, float[] x, int at, Marks marks) {
      double number;
      if (value instanceof Boolean flagged) {
        number = flagged ? 1 : 0;
      } else if (value instanceof Number given) {
        number = given.doubleValue();
      } else {
        return wrongType(name, "a number", value);
      }
      x[at] = scaled(scale, number, 0, marks);
      if (!Double.isFinite(number) || !Float.isFinite(x[at])) {
        return notFinite(name, scale);
      }
      return integers == null || integers.takes(number) ? null : notTaken(integers, name);
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("number " + flag + " " + hold + " " + missing + " " + scale);
    }

    @Override
    public String describe() {
      return "number"
          + integersText(integers)
          + scaleText(scale)
          + missingText(missing, flag)
          + holdText(hold);
    }
  }

  /**
   * A category.
   *
   * @param vocabulary null for ids
   * @param size the number of categories
   * @param missing an id; -1 if the field is required
   */
  record CategoryField(String name, Vocabulary vocabulary, int size, int missing, boolean hold)
      implements InputField {
    @Override
    public boolean canBeInteger() {
      return true;
    }

    @Override
    public InputField asIntegers(Integers range) {
      return this;
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public boolean canBeMissing() {
      return missing >= 0;
    }

    @Override
    public FieldProblem encode(Object value, float[] x, int at, Marks marks) {
      if (value instanceof Double || value instanceof double[]) {
        return wrongType(name, "a string or an integer", value);
      }
      String text = value.toString();
      int id = vocabulary == null ? idOf(text) : vocabulary.id(text);
      if (id < 0) {
        String expected =
            vocabulary == null ? "an id from 0 to " + (size - 1) : "a word of the vocabulary";
        return new FieldProblem(FieldProblem.Kind.UNKNOWN, name + ": expected " + expected);
      }
      if (vocabulary != null && id == vocabulary.unknown() && !vocabulary.holds(text)) {
        marks.add(Marks.UNKNOWN);
      }
      x[at] = id;
      return null;
    }

    /** The id in the decimal digits of an integer, or -1. */
    private int idOf(String text) {
      int length = text.length();
      if (length == 0 || length > 8 || (length > 1 && text.charAt(0) == '0')) {
        return -1;
      }
      int id = 0;
      for (int i = 0; i < length; i++) {
        char digit = text.charAt(i);
        if (digit < '0' || digit > '9') {
          return -1;
        }
        id = 10 * id + digit - '0';
      }
      return id < size ? id : -1;
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("category " + size + " " + missing + " " + hold);
      if (vocabulary != null) {
        fingerprint.add(String.join("\n", vocabulary.words())).add(vocabulary.unknown());
      }
    }

    @Override
    public String describe() {
      String unknown = "";
      if (vocabulary != null && vocabulary.unknown() >= 0) {
        unknown = ", unknown: " + vocabulary.word(vocabulary.unknown());
      }
      String otherwise =
          missing < 0
              ? ""
              : ", missing: " + (vocabulary == null ? missing : vocabulary.word(missing));
      String what = vocabulary == null ? "ids" : "words";
      return size + " " + what + unknown + otherwise + holdText(hold);
    }
  }

  /**
   * Numbers of an array.
   *
   * @param size the length of the array
   * @param missing one number for all, or [size], in the unit of the record; null if the field is
   *     required
   * @param overlap how many numbers of the token before stand before them
   * @param integers those that the network takes; null for any numbers
   */
  record VectorField(
      String name,
      int size,
      Scale scale,
      double[] missing,
      boolean flag,
      int overlap,
      boolean hold,
      Integers integers)
      implements InputField {
    @Override
    public boolean canBeInteger() {
      return scale == null;
    }

    @Override
    public InputField asIntegers(Integers range) {
      return new VectorField(name, size, null, missing, flag, overlap, hold, range);
    }

    @Override
    public int slots() {
      return overlap + size;
    }

    @Override
    public boolean canBeMissing() {
      return missing != null;
    }

    @Override
    public FieldProblem encode(Object value, float[] x, int at, Marks marks) {
      if (!(value instanceof double[] numbers)) {
        return wrongType(name, "an array of numbers", value);
      }
      if (numbers.length != size) {
        return new FieldProblem(
            FieldProblem.Kind.WRONG_LENGTH,
            name + ": expected " + size + " numbers, found " + numbers.length);
      }
      for (int i = 0; i < size; i++) {
        int slot = at + overlap + i;
        if (Double.isNaN(numbers[i])) {
          if (missing == null) {
            return new FieldProblem(
                FieldProblem.Kind.WRONG_TYPE, name + "[" + i + "]: expected a number, found null");
          }
          x[slot] = Float.NaN;
          marks.add(Marks.MISSING);
          continue;
        }
        x[slot] = scaled(scale, numbers[i], i, marks);
        if (Double.isInfinite(numbers[i]) || !Float.isFinite(x[slot])) {
          return notFinite(name + "[" + i + "]", scale);
        }
        if (integers != null && !integers.takes(numbers[i])) {
          return notTaken(integers, name + "[" + i + "]");
        }
      }
      return null;
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("vector " + size + " " + overlap + " " + flag + " " + hold);
      fingerprint.add(scale + " " + Arrays.toString(missing));
    }

    @Override
    public String describe() {
      String over = overlap == 0 ? "" : ", overlap " + overlap;
      String otherwise = missing == null ? "" : flag ? ", missing: flagged" : ", missing: replaced";
      return "vector of "
          + size
          + over
          + integersText(integers)
          + scaleText(scale)
          + otherwise
          + holdText(hold);
    }
  }

  /**
   * The time since the token before.
   *
   * @param unit its name
   * @param millis of the unit
   * @param first at t = 1, in the unit
   */
  record Elapsed(String name, String unit, double millis, double first, Scale scale)
      implements InputField {
    @Override
    public int slots() {
      return 1;
    }

    @Override
    public boolean hold() {
      return false;
    }

    @Override
    public boolean canBeMissing() {
      return true;
    }

    @Override
    public FieldProblem encode(Object value, float[] x, int at, Marks marks) {
      throw new UnsupportedOperationException("expected a field of a record");
    }

    /**
     * Writes the time between two tokens.
     *
     * @param before epoch milliseconds; null at t = 1
     */
    public FieldProblem encode(Long before, long now, float[] x, int at, Marks marks) {
      // As doubles, because the difference of two longs may not be a long.
      double units = before == null ? first : Math.max(0, (double) now - (double) before) / millis;
      x[at] = scaled(scale, units, 0, marks);
      return Float.isFinite(x[at]) ? null : notFinite(name, scale);
    }

    @Override
    public void addTo(Fingerprint fingerprint) {
      fingerprint.add("elapsed").add(millis).add(first).add(String.valueOf(scale));
    }

    @Override
    public String describe() {
      return "time since the token before, in " + unit + ", first " + first + scaleText(scale);
    }
  }

  private static float scaled(Scale scale, double number, int index, Marks marks) {
    if (scale == null) {
      return (float) number;
    }
    float z = scale.apply(number, index);
    if (scale.isBound(z)) {
      marks.add(Marks.CLIPPED);
    }
    return z;
  }

  private static FieldProblem wrongType(String name, String expected, Object value) {
    return new FieldProblem(
        FieldProblem.Kind.WRONG_TYPE, name + ": expected " + expected + ", found " + kind(value));
  }

  private static FieldProblem notFinite(String name, Scale scale) {
    String where = scale == null ? "" : " after its scale";
    return new FieldProblem(
        FieldProblem.Kind.NOT_FINITE, name + ": expected a finite float32" + where);
  }

  private static FieldProblem notTaken(Integers integers, String name) {
    String expected =
        integers.areBooleans()
            ? "true or false, or 1 or 0"
            : "an integer from " + integers.least() + " to " + integers.most();
    return new FieldProblem(FieldProblem.Kind.WRONG_TYPE, name + ": expected " + expected);
  }

  private static String kind(Object value) {
    if (value instanceof String) {
      return "a string";
    }
    if (value instanceof double[]) {
      return "an array";
    }
    return value instanceof Boolean
        ? "a boolean"
        : value instanceof Long || value instanceof BigInteger ? "an integer" : "a number";
  }

  private static String integersText(Integers integers) {
    return integers == null ? "" : integers.areBooleans() ? ", true or false" : ", integers";
  }

  private static String scaleText(Scale scale) {
    return scale == null ? "" : ", " + scale.describe();
  }

  private static String missingText(Double missing, boolean flag) {
    return Optional.ofNullable(missing)
        .map(number -> ", missing: " + number + (flag ? ", flagged" : ""))
        .orElse("");
  }

  private static String holdText(boolean hold) {
    return hold ? ", held" : "";
  }
}
