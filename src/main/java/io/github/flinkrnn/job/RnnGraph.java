package io.github.flinkrnn.job;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The graph: records ► decode ► keyBy(sequence key) ► recurrence. Jobs, tests and benchmarks use it
 * with their own sources and sinks. The uids identify the operators' state in savepoints, so they
 * never change.
 *
 * @param predictions the predictions; those of a key are in the order of its tokens
 * @param rejected the rejected records
 * @param ended the ends of sequences, if the recurrence emits them
 */
@Internal
public record RnnGraph(
    SingleOutputStreamOperator<Prediction> predictions,
    DataStream<RejectedRecord> rejected,
    DataStream<SequenceEnd> ended) {
  /** The uid of the operator that decodes records into tokens, which has no state. */
  public static final String DECODE_UID = "decode";

  /** The uid of the operator that holds the hidden states. */
  public static final String RNN_UID = "rnn";

  /**
   * Adds the graph to a stream of records.
   *
   * @param records the records; those of a key are in the order of their partition
   * @param decode decodes tokens for the model of {@code recurrence}
   */
  public static RnnGraph of(
      DataStream<SourceRecord> records,
      TokenDecodeFunction decode,
      RnnFunction<String, Token, Prediction> recurrence) {
    SingleOutputStreamOperator<Token> tokens =
        records
            .process(decode)
            .returns(TypeInformation.of(Token.class))
            .name("decode")
            .uid(DECODE_UID);
    if (records.getParallelism() != tokens.getParallelism()) {
      // The decoder has the parallelism of the source. If records were redistributed, records of
      // the same key could overtake each other.
      tokens.setParallelism(records.getParallelism());
    }
    SingleOutputStreamOperator<Prediction> predictions =
        recurrence
            .applyTo(tokens.keyBy(Token::key, Types.STRING))
            .returns(TypeInformation.of(Prediction.class))
            .name("rnn")
            .uid(RNN_UID);
    DataStream<RejectedRecord> rejected =
        tokens
            .getSideOutput(RnnFunction.REJECTED)
            .union(predictions.getSideOutput(RnnFunction.REJECTED));
    return new RnnGraph(predictions, rejected, predictions.getSideOutput(RnnFunction.ENDED));
  }
}
