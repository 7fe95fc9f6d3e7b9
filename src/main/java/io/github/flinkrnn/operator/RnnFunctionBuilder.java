package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.JoinFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Builds an {@link RnnFunction} for a stream of elements of any class, with any key:
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
 * Each element becomes one token. Each Flink key has one sequence at a time; {@code toString} of
 * the Flink key is the key in predictions, dead letters and ends. The functions are called in the
 * task that runs the model. An exception from one of them fails the job. {@link RnnFunction}
 * documents the model, the options and the lifetime of state.
 *
 * <p>If elements are needed after the call that received them (with an {@link
 * io.github.flinkrnn.rules.OrderOptions order} other than arrival order, or with {@link
 * io.github.flinkrnn.rules.Emit.When#LAST}), they are kept in managed state, in the format of the
 * Flink serializer of the input type. A job that resumes from such state must still be able to read
 * this format.
 *
 * @param <IN> the class of the input elements
 * @param <OUT> the class of the output elements; {@link Prediction} by default, see {@link #output}
 */
@PublicEvolving
public final class RnnFunctionBuilder<IN, OUT> {
  private final String modelUri;
  private final TypeInformation<IN> type;
  private final TypeInformation<OUT> outputType;
  private final JoinFunction<IN, Prediction, OUT> join;
  private MapFunction<IN, String> word;
  private MapFunction<IN, float[]> features;
  private final Map<String, MapFunction<IN, ?>> values = new LinkedHashMap<>();
  private MapFunction<IN, Long> timestamp;
  private MapFunction<IN, Long> seq;
  private FilterFunction<IN> start;
  private FilterFunction<IN> end;
  private FilterFunction<IN> generate;
  private FunctionOptions options = FunctionOptions.DEFAULT;

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

  /**
   * Extracts the word of an element, for a model with a vocabulary. An element whose word is null
   * is rejected.
   *
   * @param function returns the word, or null
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> word(MapFunction<IN, String> function) {
    word = function;
    return this;
  }

  /**
   * Extracts x&lt;t&gt; of an element, [n_x], for a model with features. An element is rejected if
   * its features are null, have another length, or contain a number that is not finite. The
   * function must return a new array for each element.
   *
   * @param function returns x&lt;t&gt;, [n_x]
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> features(MapFunction<IN, float[]> function) {
    features = function;
    return this;
  }

  /**
   * Extracts the value of a field of an element, for a model with {@code input.fields}. To be
   * called for each field, except those of elapsed time. Which values are rejected depends on the
   * field; null is a missing value.
   *
   * @param field the name of the field
   * @param function returns a string, a boolean, a number, an array or a collection of numbers, or
   *     null; another type fails the job
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> value(String field, MapFunction<IN, ?> function) {
    values.put(field, function);
    return this;
  }

  /**
   * Extracts the event time of an element, in epoch milliseconds. The default is the Flink
   * timestamp of the element. The watermarks of the stream must match this time.
   *
   * @param function returns the event time in epoch milliseconds
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> timestamp(MapFunction<IN, Long> function) {
    timestamp = function;
    return this;
  }

  /**
   * Extracts the number of an element in the order of its key, for {@link
   * io.github.flinkrnn.rules.OrderOptions.By#SEQ} or for deduplication.
   *
   * @param function returns the position
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> seq(MapFunction<IN, Long> function) {
    seq = function;
    return this;
  }

  /**
   * Selects the elements that begin a sequence.
   *
   * @param function whether the element begins a sequence
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> start(FilterFunction<IN> function) {
    start = function;
    return this;
  }

  /**
   * Selects the elements that end a sequence.
   *
   * @param function whether the element ends its sequence
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> end(FilterFunction<IN> function) {
    end = function;
    return this;
  }

  /**
   * Selects the elements after which the model generates tokens.
   *
   * @param function whether words are generated after the element
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> generate(FilterFunction<IN> function) {
    generate = function;
    return this;
  }

  /**
   * Sets the order in which tokens are taken, and what ends a sequence.
   *
   * @param chosen the sequence options
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> with(SequenceOptions chosen) {
    options = options.with(chosen);
    return this;
  }

  /**
   * Sets which fields predictions have, and which predictions are emitted.
   *
   * @param chosen the output options
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> with(OutputOptions chosen) {
    options = options.with(chosen);
    return this;
  }

  /**
   * Sets what happens to rejected elements, besides the side output {@link RnnFunction#REJECTED}.
   *
   * @param rule the rule
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> with(OnRejected rule) {
    options = options.with(rule);
    return this;
  }

  /**
   * Sets how many steps are computed together by {@link RnnFunction#applyTo}.
   *
   * @param value the options
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> with(BatchOptions value) {
    options = options.with(value);
    return this;
  }

  /**
   * Sets the cache of states above a state backend that serializes them, such as RocksDB, as {@link
   * RnnFunction#withStateCache} does.
   *
   * @param size the size in bytes for each subtask; zero for no cache
   * @return this builder
   */
  public RnnFunctionBuilder<IN, OUT> withStateCache(MemorySize size) {
    options = options.withCache(size.getBytes());
    return this;
  }

  /**
   * Drops the state of keys that are idle for the timeout, in processing time.
   *
   * @param timeout zero for no timeout, or 1 ms to 100 years
   * @return this builder
   * @throws io.github.flinkrnn.rules.OptionException if the timeout is outside this range
   */
  public RnnFunctionBuilder<IN, OUT> withIdleTimeout(Duration timeout) {
    return with(options.sequence().withIdleTimeout(timeout, false));
  }

  /**
   * Sets how an output element is made from an input element and its prediction.
   *
   * @param <R> the class of the output elements
   * @param outputClass the class of the output elements
   * @param function makes an output element
   * @return a builder with the same settings and the other output
   */
  public <R> RnnFunctionBuilder<IN, R> output(
      Class<R> outputClass, JoinFunction<IN, Prediction, R> function) {
    return output(TypeInformation.of(outputClass), function);
  }

  /**
   * Sets the output in the same way, for a class with type parameters.
   *
   * @param <R> the type of the output elements
   * @param chosen the type of the output elements
   * @param function makes an output element
   * @return a builder with the same settings and the other output
   */
  public <R> RnnFunctionBuilder<IN, R> output(
      TypeInformation<R> chosen, JoinFunction<IN, Prediction, R> function) {
    RnnFunctionBuilder<IN, R> other = new RnnFunctionBuilder<>(modelUri, type, chosen, function);
    other.word = word;
    other.features = features;
    other.values.putAll(values);
    other.timestamp = timestamp;
    other.seq = seq;
    other.start = start;
    other.end = end;
    other.generate = generate;
    other.options = options;
    return other;
  }

  /**
   * Builds the function and adds it to a keyed stream, as in {@link RnnFunction#applyTo}.
   *
   * @param <K> the type of the key of the stream
   * @param keyed the stream
   * @return the output elements
   */
  public <K> SingleOutputStreamOperator<OUT> applyTo(KeyedStream<IN, K> keyed) {
    return this.<K>build().applyTo(keyed);
  }

  /**
   * Builds the function, for a stream with any key.
   *
   * @param <K> the type of the key of the stream
   * @return the function
   * @throws IllegalStateException unless exactly one of {@link #word}, {@link #features} and {@link
   *     #value} is set
   */
  public <K> RnnFunction<K, IN, OUT> build() {
    int set = (word == null ? 0 : 1) + (features == null ? 0 : 1) + (values.isEmpty() ? 0 : 1);
    if (set != 1) {
      throw new IllegalStateException(
          "expected one of word, features and value, found " + (set == 0 ? "none" : "several"));
    }
    Elements<IN, OUT> elements =
        new Elements.Extracted<>(
            type,
            word,
            features,
            values.keySet().toArray(String[]::new),
            List.copyOf(values.values()),
            timestamp,
            seq,
            start,
            end,
            generate,
            outputType,
            join,
            new Elements.Kept<>());
    return new RnnFunction<>(new ModelLocation(modelUri), elements, options);
  }
}
