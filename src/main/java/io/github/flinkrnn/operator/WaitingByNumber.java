package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * The tokens of the current key that wait for lower sequence numbers. They are taken in the order
 * of their numbers. Each token is written once and read once.
 */
@Internal
public final class WaitingByNumber implements WaitingTokens.ByNumber {
  static final MapStateDescriptor<Long, Token> TOKENS =
      new MapStateDescriptor<>("waiting-by-number", Types.LONG, TypeInformation.of(Token.class));

  private static final MapStateDescriptor<Long, Long> NUMBERS =
      new MapStateDescriptor<>("waiting-numbers", Types.LONG, Types.LONG);

  private static final MapStateDescriptor<Long, Tuple2<Long, Long>> SINCE =
      new MapStateDescriptor<>("waiting-since", Types.LONG, Types.TUPLE(Types.LONG, Types.LONG));

  private final MapState<Long, Token> tokens;
  private final WaitingIndex numbers;
  private final WaitingSince since;
  private final TokenSerializer serializer = new TokenSerializer();

  /** The tokens in these states. */
  public WaitingByNumber(MapStates states) {
    tokens = states.of(TOKENS);
    numbers = new WaitingIndex(states.of(NUMBERS));
    since = new WaitingSince(states.of(SINCE));
  }

  /** Adds a token at a number that has no waiting token yet. */
  @Override
  public void add(Token token, long number, long now) throws Exception {
    tokens.put(number, token);
    numbers.add(number);
    numbers.addBytes(serializer.serializedBytes(token));
    since.add(now, number);
  }

  @Override
  public boolean contains(long number) throws Exception {
    return numbers.contains(number);
  }

  @Override
  public Long first() throws Exception {
    return numbers.first();
  }

  /** Takes the token of the smallest number. */
  @Override
  public List<Token> take(long number) throws Exception {
    Token token = tokens.get(number);
    tokens.remove(number);
    numbers.remove(number, serializer.serializedBytes(token));
    since.taken(number);
    return List.of(token);
  }

  @Override
  public long bytes() throws Exception {
    return numbers.bytes();
  }

  @Override
  public long since() throws Exception {
    return since.first();
  }

  @Override
  public long lastBy(long moment) throws Exception {
    return since.lastBy(moment);
  }
}
