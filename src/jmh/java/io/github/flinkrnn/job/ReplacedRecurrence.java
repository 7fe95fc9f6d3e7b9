package io.github.flinkrnn.job;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/** The graph and the endpoints of a job, with another function in place of its recurrence. */
public final class ReplacedRecurrence {
  private ReplacedRecurrence() {}

  /** Builds it in an environment, as {@link RnnJob#build} builds the job itself. */
  public static void build(
      StreamExecutionEnvironment env,
      JobFile job,
      KeyedProcessFunction<String, Token, Prediction> function) {
    SingleOutputStreamOperator<Token> tokens =
        Endpoints.records(env, job)
            .process(
                new TokenDecodeFunction(
                    job.model(), job.fields(), job.maxRecordBytes(), job.deadLetters().isPresent()))
            .returns(TypeInformation.of(Token.class))
            .name("decode")
            .uid(RnnGraph.DECODE_UID);
    SingleOutputStreamOperator<Prediction> predictions =
        tokens
            .keyBy(Token::key, Types.STRING)
            .process(function)
            .returns(TypeInformation.of(Prediction.class))
            .name("replaced")
            .uid(RnnGraph.RNN_UID);
    Endpoints.sinks(
        new RnnGraph(
            predictions,
            tokens.getSideOutput(RnnFunction.REJECTED),
            predictions.getSideOutput(RnnFunction.ENDED)),
        job);
  }
}
