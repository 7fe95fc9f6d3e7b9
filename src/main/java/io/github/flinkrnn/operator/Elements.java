package io.github.flinkrnn.operator;

import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
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
 * Converts between the elements of a stream and the model: makes a token from each input element,
 * and an output element from each prediction.
 */
interface Elements<IN, OUT> extends Serializable {
  /** The output type, which Flink cannot infer for a generic function. */
  TypeInformation<OUT> outputType();

  /**
   * Checks that the model reads what the elements give.
   *
   * @throws OptionException if it does not
   */
  default void check(RnnModel model) {}

  /**
   * @param keeps whether a token may be used after the call that received it. If so, each token
   *     carries its element.
   */
  void open(RuntimeContext context, boolean keeps);

  /**
   * @param key the key of the stream
   * @param time the Flink timestamp of the element, or null
   */
  Token token(Object key, IN element, Long time) throws Exception;

  /** Whether an output element also depends on its input element. */
  boolean areJoined();

  /**
   * @param current the input element of the current call
   * @param source the source of the token made from {@code current}
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
      // Tokens need no conversion.
    }

    @Override
    public Token token(Object key, Token element, Long time) {
      if (!element.key().equals(key)) {
        throw new SuppressRestartsException(
            new IllegalStateException(
                "a token of sequence '"
                    + element.key()
                    + "': expected a stream keyed by Token::key, found the key '"
                    + key
                    + "'"));
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
   * Elements of a user class. All functions may be null, except that exactly one of {@code word},
   * {@code features} and {@code values} must be set.
   *
   * @param names of the fields of x&lt;t&gt;, in the order of {@code values}; empty for none
   * @serial exclude
   */
  record Extracted<IN, OUT>(
      TypeInformation<IN> type,
      MapFunction<IN, String> word,
      MapFunction<IN, float[]> features,
      String[] names,
      List<MapFunction<IN, ?>> values,
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
          values(element),
          seq == null ? null : seq.map(element),
          at,
          start != null && start.filter(element),
          end != null && end.filter(element),
          generate != null && generate.filter(element),
          null,
          kept.keeps ? kept.write(element, at) : null);
    }

    @Override
    public void check(RnnModel model) {
      List<String> known =
          model.input() instanceof ModelInput.Fields fields ? fields.names() : List.of();
      for (String name : names) {
        if (!known.contains(name)) {
          String found =
              "expected a field of the model (" + String.join(", ", known) + "), found '";
          throw new OptionException("value", found + name + "'" + Nearest.hint(name, known));
        }
      }
    }

    private FieldValues values(IN element) throws Exception {
      if (names.length == 0) {
        return null;
      }
      Object[] all = new Object[names.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = FieldValues.normal(names[i], values.get(i).map(element));
      }
      return new FieldValues(names, all);
    }

    @Override
    public boolean areJoined() {
      return true;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // is it the source of the token of this call?
    public OUT output(Prediction prediction, IN current, SourceRecord source) throws Exception {
      SourceRecord its = prediction.source();
      if (its == null) {
        return join.join(current, prediction);
      }
      return join.join(its == source ? current : kept.read(its), prediction.withoutSource());
    }
  }

  /** Serializes the elements that are needed after the call that received them. */
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
