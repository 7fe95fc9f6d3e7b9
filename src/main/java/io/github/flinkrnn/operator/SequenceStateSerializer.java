package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.Undecided;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.PredictionSerializer;
import io.github.flinkrnn.sequence.RecordBytes;
import io.github.flinkrnn.sequence.RecordSerializer;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/**
 * The serialized state of a key, format 1, in the parts that {@link RecordBytes} defines:
 *
 * <pre>
 * number   how many bytes follow
 * number   which sections are present, one bit each, from the lowest: sequence, expires, time,
 *          last, seq, taken, waiting, due, forgets, wakes, step time, keyed, undecided
 * sequence the model's fingerprint (fixed), t (number), a&lt;t&gt; (floats)
 * number   expires
 * signed   time: the Kafka timestamp of the last token
 * signed   step time: the event time of the token of step t
 * last     a prediction as {@link PredictionSerializer} writes it, without its length
 * undecided how many tokens (number), each as {@link TokenSerializer} writes it, without its length;
 *          their deadline (signed), and its time (number: 0 processing time, 1 event time)
 * signed   seq
 * signed   taken: the event time of the last token taken
 * waiting  count (number), order (number: 1 event time, 2 seq), deadline (number)
 * signed   due
 * signed   forgets
 * signed   wakes
 *          (keyed has only its bit)
 * </pre>
 *
 * {@link SequenceState} and {@link Position} define the values. A section whose bit is not set is
 * left out. The format numbers of predictions and tokens are not stored: when the format of {@link
 * PredictionSerializer} or {@link TokenSerializer} changes, this one must change too. With an
 * expiry and t below two million, a state takes about 21 bytes plus the floats.
 */
@Internal
public final class SequenceStateSerializer extends RecordSerializer<SequenceState> {
  private static final long serialVersionUID = 1L;
  private static final String WHAT = "a sequence's state";

  private static final int SEQUENCE = 1;
  private static final int EXPIRES = 1 << 1;
  private static final int TIME = 1 << 2;
  private static final int LAST = 1 << 3;
  private static final int SEQ = 1 << 4;
  private static final int TAKEN = 1 << 5;
  private static final int WAITING = 1 << 6;
  private static final int DUE = 1 << 7;
  private static final int FORGETS = 1 << 8;
  private static final int WAKES = 1 << 9;
  private static final int POSITION = SEQ | TAKEN | WAITING | DUE | FORGETS | WAKES;
  private static final int STEP_TIME = 1 << 10;
  private static final int KEYED = 1 << 11;
  private static final int UNDECIDED = 1 << 12;
  private static final int SECTIONS = 13;
  private static final int FORMAT = 1;

  private static final int BY_TIMESTAMP = 1;
  private static final int BY_SEQ = 2;

  private static final int TOKEN_BYTES = 2; // at least, for its fields and its key

  private transient PredictionSerializer predictions;
  private transient TokenSerializer tokens;

  public SequenceStateSerializer() {
    super(WHAT);
  }

  /**
   * The size in bytes of a state with this number of floats, an expiry in this century and t below
   * two million.
   */
  static int bytes(int floats) {
    int all = 1 + Long.BYTES + 3 + RecordBytes.numberBytes(floats) + floats * Float.BYTES + 6;
    return RecordBytes.numberBytes(all) + all;
  }

  @Override
  public void write(SequenceState state, RecordBytes to) throws IOException {
    Position position = state.position();
    to.number(sections(state));
    if (state.hasSequence()) {
      to.fixed(state.model());
      to.number(state.t());
      to.floats(state.values());
    }
    if (state.expires() != 0) {
      to.number(state.expires());
    }
    if (state.time() != 0) {
      to.signedNumber(state.time());
    }
    if (state.stepTime() != Position.NONE) {
      to.signedNumber(state.stepTime());
    }
    if (state.last() != null) {
      predictions().write(state.last(), to);
    }
    if (state.undecided() != null) {
      write(state.undecided(), to);
    }
    if (position != null) {
      write(position, to);
    }
  }

  private void write(Undecided undecided, RecordBytes to) throws IOException {
    to.number(undecided.tokens().length);
    for (Token token : undecided.tokens()) {
      tokens().write(token, to);
    }
    to.signedNumber(undecided.deadline());
    to.number(undecided.inEventTime() ? 1 : 0);
  }

  private Undecided undecided(RecordBytes from) throws IOException {
    Token[] all = new Token[from.readCount(TOKEN_BYTES)];
    for (int i = 0; i < all.length; i++) {
      all[i] = tokens().read(from);
    }
    long deadline = from.readSignedNumber();
    long time = from.readNumber();
    if (all.length == 0 || time > 1) {
      throw new IOException(
          WHAT
              + ": expected undecided tokens and their time, found "
              + all.length
              + " and "
              + time);
    }
    return new Undecided(all, deadline, time == 1);
  }

  private static int sections(SequenceState state) {
    int sections =
        (state.hasSequence() ? SEQUENCE : 0)
            | (state.expires() == 0 ? 0 : EXPIRES)
            | (state.time() == 0 ? 0 : TIME)
            | (state.stepTime() == Position.NONE ? 0 : STEP_TIME)
            | (state.last() == null ? 0 : LAST)
            | (state.undecided() == null ? 0 : UNDECIDED)
            | (state.isKeyed() ? KEYED : 0);
    return state.position() == null ? sections : sections | sections(state.position());
  }

  private static int sections(Position position) {
    return (position.seq() == Position.NONE ? 0 : SEQ)
        | (position.time() == Position.NONE ? 0 : TAKEN)
        | (position.waiting() == 0 ? 0 : WAITING)
        | (position.due() == Position.NONE ? 0 : DUE)
        | (position.forgets() == 0 ? 0 : FORGETS)
        | (position.wakes() == Position.NONE ? 0 : WAKES);
  }

  private static void write(Position position, RecordBytes to) throws IOException {
    if (position.seq() != Position.NONE) {
      to.signedNumber(position.seq());
    }
    if (position.time() != Position.NONE) {
      to.signedNumber(position.time());
    }
    if (position.waiting() != 0) {
      to.number(position.waiting());
      to.number(position.by() == By.SEQ ? BY_SEQ : BY_TIMESTAMP);
      to.number(position.deadline());
    }
    if (position.due() != Position.NONE) {
      to.signedNumber(position.due());
    }
    if (position.forgets() != 0) {
      to.signedNumber(position.forgets());
    }
    if (position.wakes() != Position.NONE) {
      to.signedNumber(position.wakes());
    }
  }

  @Override
  public SequenceState read(RecordBytes from) throws IOException {
    long there = from.readPresence(SECTIONS);
    if ((there & SEQUENCE) == 0
        && (there & (EXPIRES | TIME | STEP_TIME | LAST | UNDECIDED | KEYED)) != 0) {
      throw new IOException(
          WHAT
              + ": expected a sequence for its expiry, time, last prediction or tokens, found none");
    }
    long model = 0;
    long t = 0;
    float[] values = null;
    if ((there & SEQUENCE) != 0) {
      model = from.readFixed();
      t = from.readNumber();
      values = from.readFloats();
      if (t <= 0) {
        throw new IOException(WHAT + ": expected t of at least 1, found " + t);
      }
    }
    long expires = (there & EXPIRES) == 0 ? 0 : from.readNumber();
    long time = (there & TIME) == 0 ? 0 : from.readSignedNumber();
    long stepTime = (there & STEP_TIME) == 0 ? Position.NONE : from.readSignedNumber();
    Prediction last = (there & LAST) == 0 ? null : predictions().read(from);
    Undecided undecided = (there & UNDECIDED) == 0 ? null : undecided(from);
    Position position = (there & POSITION) == 0 ? null : position(there, from);
    SequenceState state =
        new SequenceState(model, t, expires, time, stepTime, values, last, position);
    if (undecided != null) {
      state.undecidedAre(undecided);
    }
    if ((there & KEYED) != 0) {
      state.keyed();
    }
    return state;
  }

  private static Position position(long there, RecordBytes from) throws IOException {
    long seq = (there & SEQ) == 0 ? Position.NONE : from.readSignedNumber();
    long taken = (there & TAKEN) == 0 ? Position.NONE : from.readSignedNumber();
    int waiting = 0;
    By by = null;
    long deadline = 0;
    if ((there & WAITING) != 0) {
      waiting = waiting(from.readNumber());
      by = by(from.readNumber());
      if (by == By.TIMESTAMP && (there & DUE) == 0) {
        throw new IOException(WHAT + ": expected a time for waiting tokens, found none");
      }
      deadline = from.readNumber();
    }
    return new Position(
        seq,
        taken,
        waiting,
        by,
        deadline,
        (there & DUE) == 0 ? Position.NONE : from.readSignedNumber(),
        (there & FORGETS) == 0 ? 0 : from.readSignedNumber(),
        (there & WAKES) == 0 ? Position.NONE : from.readSignedNumber());
  }

  private static int waiting(long number) throws IOException {
    if (number <= 0 || number > Integer.MAX_VALUE) {
      throw new IOException(WHAT + ": expected 1 to 2^31-1 waiting tokens, found " + number);
    }
    return (int) number;
  }

  private static By by(long number) throws IOException {
    if (number != BY_TIMESTAMP && number != BY_SEQ) {
      throw new IOException(
          WHAT + ": expected an order of this version of flink-rnn, found number " + number);
    }
    return number == BY_SEQ ? By.SEQ : By.TIMESTAMP;
  }

  private TokenSerializer tokens() {
    if (tokens == null) {
      tokens = new TokenSerializer();
    }
    return tokens;
  }

  private PredictionSerializer predictions() {
    if (predictions == null) {
      predictions = new PredictionSerializer();
    }
    return predictions;
  }

  /**
   * Not immutable, because a step changes a state in place. The heap state backend therefore copies
   * a state that a running snapshot may still read.
   */
  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public SequenceState copy(SequenceState from) {
    return from.copy();
  }

  @Override
  public SequenceState createInstance() {
    return new SequenceState();
  }

  @Override
  public TypeSerializerSnapshot<SequenceState> snapshotConfiguration() {
    return new Snapshot();
  }

  /** The format of states in a savepoint. */
  public static final class Snapshot extends Format<SequenceState> {
    public Snapshot() {
      super(WHAT, FORMAT, SequenceStateSerializer::new);
    }
  }
}
