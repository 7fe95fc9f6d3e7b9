package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * The tokens of the current key that wait for their event time. They are taken in the order of
 * their times; those with the same time are taken together. Each token is written once and read
 * once.
 */
@Internal
public final class WaitingByTime implements WaitingTokens {
  /** The first token of each time, by time. */
  static final MapStateDescriptor<Long, Token> TOKENS =
      new MapStateDescriptor<>("waiting-by-time", Types.LONG, TypeInformation.of(Token.class));

  /** The other tokens of the same time, by time and place, in arrival order. */
  static final MapStateDescriptor<Tuple2<Long, Integer>, Token> MORE =
      new MapStateDescriptor<>(
          "waiting-at-one-time",
          Types.TUPLE(Types.LONG, Types.INT),
          TypeInformation.of(Token.class));

  private static final MapStateDescriptor<Long, Integer> COUNTS =
      new MapStateDescriptor<>("waiting-counts", Types.LONG, Types.INT);

  private static final MapStateDescriptor<Long, Long> TIMES =
      new MapStateDescriptor<>("waiting-times", Types.LONG, Types.LONG);

  private final MapState<Long, Token> tokens;
  private final MapState<Tuple2<Long, Integer>, Token> more;
  private final MapState<Long, Integer> counts; // number of tokens in more, by time
  private final WaitingIndex times;
  private final TokenSerializer serializer = new TokenSerializer();

  /** The tokens in these states. */
  public WaitingByTime(MapStates states) {
    tokens = states.of(TOKENS);
    more = states.of(MORE);
    counts = states.of(COUNTS);
    times = new WaitingIndex(states.of(TIMES));
  }

  @Override
  public void add(Token token, long time, long now) throws Exception {
    if (times.contains(time)) {
      Integer before = counts.get(time);
      int place = before == null ? 0 : before;
      more.put(Tuple2.of(time, place), token);
      counts.put(time, place + 1);
    } else {
      tokens.put(time, token);
      times.add(time);
    }
    times.addBytes(serializer.serializedBytes(token));
  }

  @Override
  public Long first() throws Exception {
    return times.first();
  }

  @Override
  public List<Token> take(long time) throws Exception {
    List<Token> taken = new ArrayList<>();
    taken.add(tokens.get(time));
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
    long bytes = 0;
    for (Token token : taken) {
      bytes += serializer.serializedBytes(token);
    }
    times.remove(time, bytes);
    return taken;
  }

  @Override
  public long bytes() throws Exception {
    return times.bytes();
  }
}
