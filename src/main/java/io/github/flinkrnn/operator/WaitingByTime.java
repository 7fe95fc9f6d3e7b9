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
 * Tokens of the current key that wait for their time. They are taken by their times, those of one
 * time together; each is written once and read once.
 */
final class WaitingByTime {
  /** By time, the first of that time; of an earlier version all of them, as they arrived. */
  static final MapStateDescriptor<Long, List<Token>> TOKENS =
      new MapStateDescriptor<>(
          "waiting-by-time", Types.LONG, Types.LIST(TypeInformation.of(Token.class)));

  /** By time and place: the others of that time, as they arrived. */
  static final MapStateDescriptor<Tuple2<Long, Integer>, Token> MORE =
      new MapStateDescriptor<>(
          "waiting-at-one-time",
          Types.TUPLE(Types.LONG, Types.INT),
          TypeInformation.of(Token.class));

  private static final MapStateDescriptor<Long, Integer> COUNTS =
      new MapStateDescriptor<>("waiting-counts", Types.LONG, Types.INT);

  private static final MapStateDescriptor<Long, Long> TIMES =
      new MapStateDescriptor<>("waiting-times", Types.LONG, Types.LONG);

  private final MapState<Long, List<Token>> tokens;
  private final MapState<Tuple2<Long, Integer>, Token> more;
  private final MapState<Long, Integer> counts; // of more, by time
  private final WaitingIndex times;
  private final TokenSerializer serializer = new TokenSerializer();

  WaitingByTime(RuntimeContext context) {
    tokens = context.getMapState(TOKENS);
    more = context.getMapState(MORE);
    counts = context.getMapState(COUNTS);
    times = new WaitingIndex(context.getMapState(TIMES));
  }

  /** Makes the index of tokens that waited in a savepoint of a version that had none. */
  void index() throws Exception {
    if (times.bytes() > 0) {
      return;
    }
    long bytes = 0;
    for (Map.Entry<Long, List<Token>> each : tokens.entries()) {
      times.add(each.getKey());
      bytes += bytes(each.getValue());
    }
    if (bytes > 0) {
      times.addBytes(bytes);
    }
  }

  private long bytes(List<Token> of) throws Exception {
    long bytes = 0;
    for (Token token : of) {
      bytes += serializer.serializedBytes(token);
    }
    return bytes;
  }

  void add(Token token) throws Exception {
    long time = token.timestamp();
    if (times.contains(time)) {
      Integer before = counts.get(time);
      int place = before == null ? 0 : before;
      more.put(Tuple2.of(time, place), token);
      counts.put(time, place + 1);
    } else {
      tokens.put(time, List.of(token));
      times.add(time);
    }
    times.addBytes(serializer.serializedBytes(token));
  }

  boolean contains(long time) throws Exception {
    return times.contains(time);
  }

  /** The earliest time; null where none waits. */
  Long first() throws Exception {
    return times.first();
  }

  /** The tokens of a time in their order: by their numbers, if all have one, else as they came. */
  List<Token> take(long time) throws Exception {
    List<Token> taken = new ArrayList<>(tokens.get(time));
    tokens.remove(time);
    Integer others = counts.get(time);
    if (others != null) {
      for (int place = 0; place < others; place++) {
        Tuple2<Long, Integer> key = Tuple2.of(time, place);
        taken.add(more.get(key));
        more.remove(key);
      }
      counts.remove(time);
    }
    times.remove(time, bytes(taken));
    if (taken.stream().noneMatch(token -> token.seq() == null)) {
      taken.sort(Comparator.comparing(Token::seq)); // stable
    }
    return taken;
  }

  /** All, in their order; they wait no longer. */
  List<Token> takeAll() throws Exception {
    index();
    List<Token> taken = new ArrayList<>();
    for (Long time = first(); time != null; time = first()) {
      taken.addAll(take(time));
    }
    return taken;
  }

  long bytes() throws Exception {
    return times.bytes();
  }
}
