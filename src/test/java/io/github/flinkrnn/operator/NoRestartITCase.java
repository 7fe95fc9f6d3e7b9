package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A failure that a restart would only repeat ends the job, even with unlimited restarts. The
 * exception travels from the task to the JobManager in serialized form.
 */
@Timeout(60)
class NoRestartITCase {
  @RegisterExtension private static final MiniClusterExtension FLINK = new MiniClusterExtension();

  @TempDir private Path directory;

  private static void run(
      RnnFunction<String, Token, Prediction> function, KeySelector<Token, String> key)
      throws Exception {
    Configuration restarts = new Configuration();
    restarts.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
    restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(restarts);
    env.fromData(TypeInformation.of(Token.class), Token.of("k", "cat"), Token.of("k", "zebra"))
        .keyBy(key, Types.STRING)
        .process(function)
        .sinkTo(new DiscardingSink<>());
    env.execute();
  }

  @Test
  void ofAMissingModel() {
    String absent = directory.resolve("absent").toString();
    assertThatThrownBy(() -> run(RnnFunction.of(absent), Token::key))
        .hasStackTraceContaining("The failure is not recoverable")
        .hasStackTraceContaining(absent + ": expected one of model.safetensors, ");
  }

  @Test
  void ofARejectedTokenWithOnRejectedFail() throws Exception {
    RnnFunction<String, Token, Prediction> strict =
        RnnFunction.of(ModelDirectory.words(directory).toString()).with(OnRejected.FAIL);
    assertThatThrownBy(() -> run(strict, Token::key))
        .hasStackTraceContaining("The failure is not recoverable")
        .hasStackTraceContaining("a token of sequence 'k': unknown-token");
  }

  @Test
  void ofAStreamWithAnotherKey() throws Exception {
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(ModelDirectory.words(directory).toString());
    assertThatThrownBy(() -> run(function, Token::token))
        .hasStackTraceContaining("The failure is not recoverable")
        .hasStackTraceContaining(
            "a token of sequence 'k': expected a stream keyed by Token::key, found the key 'cat'");
  }
}
