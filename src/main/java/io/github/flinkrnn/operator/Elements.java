package io.github.flinkrnn.operator;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.JoinFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * The elements of a stream: how each becomes a token, and how a prediction becomes an element of
 * the output.
 */
interface Elements<IN, OUT> extends Serializable {
  /** The type of the output, which Flink cannot see in a generic function. */
  TypeInformation<OUT> outputType();

  /**
   * @param keeps whether a token may be used after the call that brought it: then it takes its
   *     element along
   */
  void open(RuntimeContext context, boolean keeps);

  /**
   * @param key Flink's key
   * @param time Flink's timestamp of the element, or null
   */
  Token token(Object key, IN element, Long time) throws Exception;

  /** Whether the output is made of the element, too. */
  boolean areJoined();

  /**
   * @param current the element of the call
   * @param source of the token that it became
   */
  OUT output(Prediction prediction, IN current, SourceRecord source) throws Exception;

  /** Tokens in, predictions out. */
  final class Tokens implements Elements<Token, Prediction> {
    private static final long serialVersionUID = 1L;

    @Override
    public TypeInformation<Prediction> outputType() {
      return TypeInformation.of(Prediction.class);
    }

    @Override
    public void open(RuntimeContext context, boolean keeps) {
      // A token is all there is.
    }

    @Override
    public Token token(Object key, Token element, Long time) {
      if (!element.key().equals(key)) {
        throw new SuppressRestartsException(
            new IllegalStateException(
                "keyed by '"
                    + key
                    + "', a token of sequence '"
                    + element.key()
                    + "': expected a stream keyed by Token::key, or its sequences would be mixed"));
      }
      return element;
    }

    @Override
    public boolean areJoined() {
      return false;
    }

    @Override
    public Prediction output(Prediction prediction, Token current, SourceRecord source) {
      return prediction;
    }
  }

  /**
   * Elements of a class of the user's. The functions may be null, except for one of {@code word}
   * and {@code features}.
   */
  record Extracted<IN, OUT>(
      TypeInformation<IN> type,
      MapFunction<IN, String> word,
      MapFunction<IN, float[]> features,
      MapFunction<IN, Long> timestamp,
      MapFunction<IN, Long> seq,
      FilterFunction<IN> start,
      FilterFunction<IN> end,
      FilterFunction<IN> generate,
      TypeInformation<OUT> outputType,
      JoinFunction<IN, Prediction, OUT> join,
      Kept<IN> kept)
      implements Elements<IN, OUT> {
    private static final long serialVersionUID = 1L;

    @Override
    public void open(RuntimeContext context, boolean keeps) {
      kept.serializer = context.createSerializer(type);
      kept.keeps = keeps;
    }

    @Override
    public Token token(Object key, IN element, Long time) throws Exception {
      Long at = timestamp == null ? time : timestamp.map(element);
      return new Token(
          key.toString(),
          word == null ? null : word.map(element),
          features == null ? null : features.map(element),
          seq == null ? null : seq.map(element),
          at,
          start != null && start.filter(element),
          end != null && end.filter(element),
          generate != null && generate.filter(element),
          null,
          kept.keeps ? kept.write(element, at) : null);
    }

    @Override
    public boolean areJoined() {
      return true;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very source that the token of the call was given
    public OUT output(Prediction prediction, IN current, SourceRecord source) throws Exception {
      SourceRecord its = prediction.source();
      if (its == null) {
        return join.join(current, prediction);
      }
      return join.join(its == source ? current : kept.read(its), prediction.withoutSource());
    }
  }

  /** Elements as bytes, for those that wait. */
  final class Kept<IN> implements Serializable {
    private static final long serialVersionUID = 1L;

    private transient TypeSerializer<IN> serializer;
    private transient DataOutputSerializer out;
    private transient DataInputDeserializer in;
    private transient boolean keeps;

    private SourceRecord write(IN element, Long time) throws IOException {
      if (out == null) {
        out = new DataOutputSerializer(256);
      }
      out.clear();
      serializer.serialize(element, out);
      byte[] bytes = out.getCopyOfBuffer();
      return new SourceRecord(null, bytes, bytes.length, time, null);
    }

    private IN read(SourceRecord source) throws IOException {
      if (in == null) {
        in = new DataInputDeserializer();
      }
      in.setBuffer(source.value());
      return serializer.deserialize(in);
    }
  }
}
