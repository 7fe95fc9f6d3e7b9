package example;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;

public class TwoModels {
  /** Each token once by each model; the field model says by which. */
  static DataStream<Prediction> both(DataStream<Token> tokens, String oneModel, String another) {
    KeyedStream<Token, String> sequences = tokens.keyBy(Token::key);
    DataStream<Prediction> first =
        RnnFunction.of(oneModel)
            .withFields(OutputField.LABEL, OutputField.MODEL)
            .applyTo(sequences)
            .uid("first");
    DataStream<Prediction> second =
        RnnFunction.of(another)
            .withFields(OutputField.LABEL, OutputField.MODEL)
            .applyTo(sequences)
            .uid("second");
    return first.union(second);
  }
}
