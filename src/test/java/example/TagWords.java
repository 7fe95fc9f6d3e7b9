package example;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

public class TagWords {
  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Token> tokens =
        env.fromData(Token.of("a", "asked"), Token.of("a", "Dr."), Token.of("a", "Watson"));

    DataStream<Prediction> predictions =
        RnnFunction.of("jobs/name-tagging/model").applyTo(tokens.keyBy(Token::key)).uid("rnn");

    predictions
        .executeAndCollect()
        .forEachRemaining(p -> System.out.println(p.t() + " " + p.token() + " " + p.label()));
  }
}
