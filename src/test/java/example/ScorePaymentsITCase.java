package example;

import static org.assertj.core.api.Assertions.assertThat;

import example.ScorePayments.Payment;
import example.ScorePayments.Score;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ScorePaymentsITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  @Test
  void eachCardHasASequenceOfItsOwn(@TempDir Path model) throws Exception {
    Files.writeString(model.resolve("config.json"), "{\"output\": {\"activation\": \"sigmoid\"}}");
    Files.writeString(
        model.resolve("parameters.json"), "{\"Waa\": [[1]], \"Wax\": [[1, 0]], \"Wya\": [[2]]}");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    DataStream<Payment> payments =
        env.fromData(new Payment(1, 0, 0), new Payment(1, 100, 0), new Payment(2, 0, 0));

    List<Score> scores = ScorePayments.scores(payments, model.toString()).executeAndCollect(3);

    assertThat(scores)
        .containsExactlyInAnyOrder(
            new Score(1, 0, 0.5f), new Score(1, 100, 0.8807559f), new Score(2, 0, 0.5f));
  }
}
