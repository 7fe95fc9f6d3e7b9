package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.FieldProblem;
import io.github.flinkrnn.model.InputField;
import io.github.flinkrnn.model.InputField.Marks;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.InputPart;
import io.github.flinkrnn.operator.TokenReader.Refusal;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RecentText;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Makes the slots of all fields from the values of a token, in two steps. {@link #read} needs only
 * the token. {@link #complete} adds what comes from the token before: held values, overlapping
 * numbers and the elapsed time. For the next token, a sequence keeps {@link #memorySize} of the
 * slots. Not thread-safe.
 */
final class FieldEncoder {
  /** The names of the metrics of a field. */
  enum Mark {
    MISSING(1),
    UNKNOWN(2),
    CLIPPED(4);

    private final int bit;

    Mark(int bit) {
      this.bit = bit;
    }

    /** Whether the mark is among those of a field. */
    boolean isIn(byte marks) {
      return (marks & bit) != 0;
    }
  }

  private static final AtomicInteger READERS = new AtomicInteger(1);

  private final InputField[] fields;
  private final InputPart[] parts;
  private final int[] at; // the first slot of each field
  private final int[] ofRecord; // the fields that a record has: all but elapsed time
  private final Integer elapsed; // the index of a field of elapsed time, or null
  private final int memorySize;
  private final float[] x;
  private final boolean[] absent; // fields without a value in the token
  private final Marks[] marks;
  private final int first; // the number of the first field as a reader of words
  private String[] names = {}; // of the last token
  private int[] indices = {}; // of the fields among these names
  private final boolean isPlain; // nothing comes from the token before
  private Token token;
  private boolean isMarked; // something may be to be counted

  FieldEncoder(ModelInput.Fields input) {
    fields = input.fields().toArray(InputField[]::new);
    parts = input.parts().toArray(InputPart[]::new);
    at = new int[fields.length];
    int slots = 0;
    Integer time = null;
    marks = new Marks[fields.length];
    first = READERS.getAndAdd(fields.length);
    for (int f = 0; f < fields.length; f++) {
      marks[f] = new Marks();
      at[f] = slots;
      slots += fields[f].slots();
      time = fields[f] instanceof InputField.Elapsed ? (Integer) f : time;
    }
    elapsed = time;
    ofRecord =
        IntStream.range(0, fields.length)
            .filter(f -> !(fields[f] instanceof InputField.Elapsed))
            .toArray();
    isPlain = elapsed == null && input.memorySize() == 0;
    memorySize = input.memorySize();
    x = new float[slots];
    absent = new boolean[fields.length];
  }

  /** The encoder of a model; null unless its input is fields. */
  static FieldEncoder of(RnnModel model) {
    return model.input() instanceof ModelInput.Fields input ? new FieldEncoder(input) : null;
  }

  /** The slots of the token that was read last. Not to be modified. */
  float[] x() {
    return x;
  }

  /** How many floats of a step the next one needs. */
  int memorySize() {
    return memorySize;
  }

  /** Whether the next step needs the time of this one. */
  boolean needsTime() {
    return elapsed != null;
  }

  /**
   * Reads the values of a token.
   *
   * @return why the model cannot read it; null if it can
   */
  Refusal read(Token next) {
    token = next;
    if (elapsed != null && token.timestamp() == null) {
      String problem = "timestamp: missing: expected a time, which the field '";
      return new Refusal(Reason.MISSING_FIELD, problem + fields[elapsed].name() + "' needs");
    }
    FieldValues values = token.values();
    if (values != null && values.names() != names) {
      map(values.names());
    }
    if (isMarked) {
      isMarked = false;
      for (Marks each : marks) {
        each.clear();
      }
    }
    for (int f : ofRecord) {
      Object value = values == null || indices[f] < 0 ? null : values.valueAsRead(indices[f]);
      absent[f] = value == null;
      Refusal problem = null;
      if (value != null) {
        problem = encode(f, value);
        isMarked |= marks[f].any();
      } else {
        isMarked = true;
        Arrays.fill(x, at[f], at[f] + fields[f].slots(), Float.NaN);
        if (!fields[f].canBeMissing() && !fields[f].hold()) {
          problem = missing(f);
        }
      }
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  /** Words repeat, and most remember their id. */
  private Refusal encode(int f, Object value) {
    if (!(value instanceof RecentText word)) {
      return refusal(fields[f].encode(value, x, at[f], marks[f]));
    }
    int id = word.id(first + f);
    if (id >= 0) {
      x[at[f]] = id;
      return null;
    }
    Refusal problem = refusal(fields[f].encode(word.toString(), x, at[f], marks[f]));
    if (problem == null && fields[f] instanceof InputField.CategoryField && !marks[f].any()) {
      word.idIs(first + f, (int) x[at[f]]);
    }
    return problem;
  }

  /** Tokens of a source share one array of names, so that this is rare. */
  private void map(String[] all) {
    List<String> list = Arrays.asList(all);
    indices = Arrays.stream(fields).mapToInt(field -> list.lastIndexOf(field.name())).toArray();
    names = all;
  }

  private Refusal missing(int f) {
    return new Refusal(Reason.MISSING_FIELD, fields[f].name() + ": missing: expected a value");
  }

  private static Refusal refusal(FieldProblem problem) {
    if (problem == null) {
      return null;
    }
    Reason reason =
        switch (problem.kind()) {
          case WRONG_TYPE -> Reason.WRONG_TYPE;
          case WRONG_LENGTH -> Reason.WRONG_LENGTH;
          case NOT_FINITE -> Reason.NOT_FINITE;
          case UNKNOWN -> Reason.UNKNOWN_TOKEN;
        };
    return new Refusal(reason, problem.detail());
  }

  /**
   * Adds what comes from the token before to the slots of the token that was read last.
   *
   * @param memory holds [memorySize] from {@code from}; null at t = 1
   * @param time of the token before, in epoch milliseconds
   * @return why x&lt;t&gt; cannot be made; null if it can
   */
  Refusal complete(float[] memory, int from, long time) {
    if (isPlain) {
      return null;
    }
    int kept = from;
    for (int f = 0; f < fields.length; f++) {
      if (fields[f].hold()) {
        if (absent[f] && memory != null) {
          System.arraycopy(memory, kept, x, at[f], fields[f].slots());
        } else if (absent[f]) { // the slots may hold what an earlier call with this token found
          Arrays.fill(x, at[f], at[f] + fields[f].slots(), Float.NaN);
        }
        kept += fields[f].slots();
        if (Float.isNaN(x[at[f]]) && !fields[f].canBeMissing()) {
          return missing(f);
        }
      } else if (parts[f].overlap() > 0) {
        int overlap = parts[f].overlap();
        for (int i = 0; i < overlap; i++) {
          x[at[f] + i] = memory == null ? 0 : memory[kept + i];
        }
        kept += overlap;
      } else if (fields[f] instanceof InputField.Elapsed since) {
        Refusal problem =
            refusal(
                since.encode(
                    memory == null ? null : (Long) time, token.timestamp(), x, at[f], marks[f]));
        isMarked |= marks[f].any();
        if (problem != null) {
          return problem;
        }
      }
    }
    return null;
  }

  /**
   * Copies what the next step needs.
   *
   * @param slots of this step, from {@code slotsAt}
   * @param into receives [memorySize] from {@code to}
   */
  void remember(float[] slots, int slotsAt, float[] into, int to) {
    if (memorySize == 0) {
      return;
    }
    int next = to;
    for (int f = 0; f < fields.length; f++) {
      int first = slotsAt + at[f];
      if (fields[f].hold()) {
        System.arraycopy(slots, first, into, next, fields[f].slots());
        next += fields[f].slots();
      } else {
        int overlap = parts[f].overlap();
        int skipped = parts[f].slots() - overlap;
        for (int i = 0; i < overlap; i++) {
          into[next + i] = parts[f].valueOf(slots, first, skipped + i);
        }
        next += overlap;
      }
    }
  }

  /**
   * What is counted of the token that was read last: the {@linkplain Mark marks} of each field;
   * null if there are none.
   */
  byte[] marks() {
    if (!isMarked) {
      return null;
    }
    byte[] found = new byte[fields.length];
    for (int f = 0; f < found.length; f++) {
      int bits = isMissing(f) ? Mark.MISSING.bit : 0;
      bits += marks[f].unknown() ? Mark.UNKNOWN.bit : 0;
      bits += marks[f].clipped() ? Mark.CLIPPED.bit : 0;
      found[f] = (byte) bits;
    }
    return found;
  }

  private boolean isMissing(int f) {
    for (int slot = parts[f].overlap(); slot < parts[f].slots(); slot++) {
      if (Float.isNaN(x[at[f] + slot])) {
        return true;
      }
    }
    return false;
  }

  /** The id of a category, of the token that was read last. */
  int id(int f) {
    return (int) parts[f].valueOf(x, at[f], 0);
  }

  /** The slot of a field. */
  int slot(int f) {
    return at[f];
  }
}
