package io.github.flinkrnn.job;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SequenceEnd;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The one graph of the product: records ► decode ► keyBy(sequence key) ► recurrence. Jobs, tests
 * and benchmarks all put it between their own ends. The uids name the operators' state in
 * savepoints, and never change.
 *
 * @param predictions in the order of each key's tokens
 * @param rejected the records that became none
 * @param ended that sequences ended, where the recurrence says so
 */
public record RnnGraph(
    SingleOutputStreamOperator<Prediction> predictions,
    DataStream<RejectedRecord> rejected,
    DataStream<SequenceEnd> ended) {
  /** Of the operator that turns records into tokens; it has no state. */
  public static final String DECODE_UID = "decode";

  /** Of the operator that holds the hidden states. */
  public static final String RNN_UID = "rnn";

  /**
   * Puts the graph behind a stream of records.
   *
   * @param records the records of one key in the order of their partition
   * @param decode reads the tokens that the model of {@code recurrence} takes
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
      // As many as the source has: handed round to others, the records of a key would overtake
      // each other on their way to it.
      tokens.setParallelism(records.getParallelism());
    }
    SingleOutputStreamOperator<Prediction> predictions =
        tokens
            .keyBy(Token::key, Types.STRING)
            .process(recurrence)
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
