package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import java.time.Duration;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.JoinFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Builds an {@link RnnFunction} for a stream of any class with any key:
 *
 * <pre>{@code
 * payments
 *     .keyBy(p -> p.card)
 *     .process(
 *         RnnFunction.builder("models/fraud", Payment.class)
 *             .features(p -> new float[] {p.amount, p.hour})
 *             .output(Alert.class, (p, y) -> new Alert(p.card, y.prediction()[1]))
 *             .build())
 *     .uid("fraud");
 * }</pre>
 *
 * Each element becomes one token. Its sequence is Flink's key, whose {@code toString} is the key in
 * predictions, dead letters and ends. The functions are called in the task that steps the network;
 * what they throw ends the job. The model, the options and the life of state are as {@link
 * RnnFunction} says.
 *
 * <p>Where an element is used after the call that brought it (an {@link
 * io.github.flinkrnn.rules.OrderOptions order} other than that of arrival, {@link
 * io.github.flinkrnn.rules.Emit.When#LAST}), its bytes are kept in managed state, as Flink's
 * serializer of the input type writes them. A job that resumes with such state must still read
 * these bytes.
 *
 * @param <IN> the class of the elements
 * @param <OUT> the class of the output; {@link Prediction} unless {@link #output} says another
 */
@PublicEvolving
public final class RnnFunctionBuilder<IN, OUT> {
  private final String modelUri;
  private final TypeInformation<IN> type;
  private final TypeInformation<OUT> outputType;
  private final JoinFunction<IN, Prediction, OUT> join;
  private MapFunction<IN, String> word;
  private MapFunction<IN, float[]> features;
  private MapFunction<IN, Long> timestamp;
  private MapFunction<IN, Long> seq;
  private FilterFunction<IN> start;
  private FilterFunction<IN> end;
  private FilterFunction<IN> generate;
  private SequenceOptions sequence = SequenceOptions.DEFAULT;
  private OutputOptions options = OutputOptions.DEFAULT;
  private OnRejected onRejected = OnRejected.LOG;

  RnnFunctionBuilder(
      String modelUri,
      TypeInformation<IN> type,
      TypeInformation<OUT> outputType,
      JoinFunction<IN, Prediction, OUT> join) {
    this.modelUri = modelUri;
    this.type = type;
    this.outputType = outputType;
    this.join = join;
  }

  /** The word of an element, for a model of words. An element whose word is null is rejected. */
  public RnnFunctionBuilder<IN, OUT> word(MapFunction<IN, String> function) {
    word = function;
    return this;
  }

  /**
   * x&lt;t&gt; of an element, [n_x], for a model of features. An element with null, with another
   * length or with a number that is not finite is rejected. A new array for each element.
   */
  public RnnFunctionBuilder<IN, OUT> features(MapFunction<IN, float[]> function) {
    features = function;
    return this;
  }

  /**
   * The event time of an element, epoch milliseconds. Without it, Flink's timestamp of the element
   * counts; watermarks must be of the same time.
   */
  public RnnFunctionBuilder<IN, OUT> timestamp(MapFunction<IN, Long> function) {
    timestamp = function;
    return this;
  }

  /** The number of an element among those of its key, for an order or deduplication by it. */
  public RnnFunctionBuilder<IN, OUT> seq(MapFunction<IN, Long> function) {
    seq = function;
    return this;
  }

  /** Whether a sequence begins with an element. */
  public RnnFunctionBuilder<IN, OUT> start(FilterFunction<IN> function) {
    start = function;
    return this;
  }

  /** Whether a sequence ends with an element. */
  public RnnFunctionBuilder<IN, OUT> end(FilterFunction<IN> function) {
    end = function;
    return this;
  }

  /** Whether the model goes on by itself after an element. */
  public RnnFunctionBuilder<IN, OUT> generate(FilterFunction<IN> function) {
    generate = function;
    return this;
  }

  /** Which order tokens are taken in, and what ends a sequence. */
  public RnnFunctionBuilder<IN, OUT> with(SequenceOptions chosen) {
    sequence = chosen;
    return this;
  }

  /** Which fields predictions have, and which are emitted. */
  public RnnFunctionBuilder<IN, OUT> with(OutputOptions chosen) {
    options = chosen;
    return this;
  }

  /** What becomes of rejected elements, besides {@link RnnFunction#REJECTED}. */
  public RnnFunctionBuilder<IN, OUT> with(OnRejected rule) {
    onRejected = rule;
    return this;
  }

  /**
   * Drops the state of keys that are silent for so long in processing time.
   *
   * @param timeout zero for never, else from a millisecond to a hundred years
   * @throws io.github.flinkrnn.rules.OptionException for any other
   */
  public RnnFunctionBuilder<IN, OUT> withIdleTimeout(Duration timeout) {
    return with(sequence.withIdleTimeout(timeout, false));
  }

  /** The output, made of each element and its prediction. */
  public <R> RnnFunctionBuilder<IN, R> output(
      Class<R> outputClass, JoinFunction<IN, Prediction, R> function) {
    return output(TypeInformation.of(outputClass), function);
  }

  /** The same for a class with type parameters. */
  public <R> RnnFunctionBuilder<IN, R> output(
      TypeInformation<R> chosen, JoinFunction<IN, Prediction, R> function) {
    RnnFunctionBuilder<IN, R> other = new RnnFunctionBuilder<>(modelUri, type, chosen, function);
    other.word = word;
    other.features = features;
    other.timestamp = timestamp;
    other.seq = seq;
    other.start = start;
    other.end = end;
    other.generate = generate;
    other.sequence = sequence;
    other.options = options;
    other.onRejected = onRejected;
    return other;
  }

  /**
   * The function, for a stream with any key.
   *
   * @throws IllegalStateException unless there is one of {@link #word} and {@link #features}
   */
  public <K> RnnFunction<K, IN, OUT> build() {
    if ((word == null) == (features == null)) {
      throw new IllegalStateException(
          "expected one of word and features, found " + (word == null ? "none" : "both"));
    }
    Elements<IN, OUT> elements =
        new Elements.Extracted<>(
            type,
            word,
            features,
            timestamp,
            seq,
            start,
            end,
            generate,
            outputType,
            join,
            new Elements.Kept<>());
    return new RnnFunction<>(new ModelLocation(modelUri), elements, sequence, options, onRejected);
  }
}
