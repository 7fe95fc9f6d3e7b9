package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * Tokens of the current key that wait for the numbers before theirs. They are taken by their
 * numbers, the smallest first; each is written once and read once.
 */
final class WaitingByNumber {
  /** By number: when it arrived in processing time, and itself. */
  static final MapStateDescriptor<Long, Tuple2<Long, Token>> TOKENS =
      new MapStateDescriptor<>(
          "waiting-by-number",
          Types.LONG,
          Types.TUPLE(Types.LONG, TypeInformation.of(Token.class)));

  private static final MapStateDescriptor<Long, Long> NUMBERS =
      new MapStateDescriptor<>("waiting-numbers", Types.LONG, Types.LONG);

  private static final MapStateDescriptor<Long, Tuple2<Long, Long>> SINCE =
      new MapStateDescriptor<>("waiting-since", Types.LONG, Types.TUPLE(Types.LONG, Types.LONG));

  private final MapState<Long, Tuple2<Long, Token>> tokens;
  private final WaitingIndex numbers;
  private final WaitingSince since;
  private final TokenSerializer serializer = new TokenSerializer();

  WaitingByNumber(RuntimeContext context) {
    tokens = context.getMapState(TOKENS);
    numbers = new WaitingIndex(context.getMapState(NUMBERS));
    since = new WaitingSince(context.getMapState(SINCE));
  }

  /**
   * Makes the index of tokens that waited in a savepoint of a version that had none.
   *
   * @return whether there was none
   */
  boolean index() throws Exception {
    if (numbers.bytes() > 0) {
      return false;
    }
    List<Tuple2<Long, Long>> arrivals = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<Long, Tuple2<Long, Token>> each : tokens.entries()) {
      arrivals.add(Tuple2.of(each.getValue().f0, each.getKey()));
      bytes += serializer.serializedBytes(each.getValue().f1);
    }
    arrivals.sort(Comparator.comparingLong(each -> each.f0));
    for (Tuple2<Long, Long> each : arrivals) {
      numbers.add(each.f1);
      since.add(each.f0, each.f1);
    }
    if (bytes > 0) {
      numbers.addBytes(bytes);
    }
    return true;
  }

  /** A number that does not wait yet. */
  void add(Token token, long now) throws Exception {
    tokens.put(token.seq(), Tuple2.of(now, token));
    numbers.add(token.seq());
    numbers.addBytes(serializer.serializedBytes(token));
    since.add(now, token.seq());
  }

  boolean contains(long number) throws Exception {
    return numbers.contains(number);
  }

  /** The smallest number; null where none waits. */
  Long first() throws Exception {
    return numbers.first();
  }

  /** The token of the smallest number, which waits no longer. */
  Token take(long number) throws Exception {
    Token token = tokens.get(number).f1;
    tokens.remove(number);
    numbers.remove(number, serializer.serializedBytes(token));
    since.taken(number);
    return token;
  }

  /** All, by their numbers; they wait no longer. */
  List<Token> takeAll() throws Exception {
    index();
    List<Token> taken = new ArrayList<>();
    for (Long number = first(); number != null; number = first()) {
      taken.add(take(number));
    }
    return taken;
  }

  long bytes() throws Exception {
    return numbers.bytes();
  }

  /** When the one came that waits longest. */
  long since() throws Exception {
    return since.first();
  }

  /** The largest number that came by then; {@link Position#NONE} for none. */
  long lastBy(long moment) throws Exception {
    return since.lastBy(moment);
  }
}
