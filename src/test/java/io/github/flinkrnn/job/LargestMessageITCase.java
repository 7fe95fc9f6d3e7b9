package io.github.flinkrnn.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.cli.EmbeddedKafka;
import io.github.flinkrnn.kafka.TopicClient;
import io.github.flinkrnn.kafka.Topics;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The largest possible dead letter still fits into a Kafka message. Otherwise it would stop its job
 * at each restart.
 */
class LargestMessageITCase {
  @TempDir private Path directory;

  @Test
  void theLongestDeadLetterFitsIntoATopic() throws Exception {
    byte[] value = new byte[1 << 20]; // each byte becomes six characters of JSON
    Arrays.fill(value, (byte) 1);
    String detail = "x".repeat(400);
    Origin origin = new Origin("t".repeat(249), 9, Long.MAX_VALUE);
    RejectedRecord small =
        new RejectedRecord(
            Reason.TOO_LARGE,
            detail,
            new SourceRecord(new byte[64 << 10], value, 1 << 20, null, origin));
    RejectedRecord large =
        new RejectedRecord(
            Reason.TOO_LARGE,
            detail,
            new SourceRecord(new byte[400 << 10], value, 1 << 20, null, origin));
    try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
      kafka.createTopics(1, "rejected");
      Map<String, String> broker = Map.of("bootstrap.servers", kafka.address());
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(1);
      env.fromData(TypeInformation.of(RejectedRecord.class), small, large)
          .process(
              EncodeFunction.ofDeadLetters(
                  new SinkSpec.Kafka("rejected", DeliveryGuarantee.AT_LEAST_ONCE, broker)))
          .returns(TypeInformation.of(SinkRecord.class))
          .sinkTo(Topics.sink("rejected", DeliveryGuarantee.AT_LEAST_ONCE, "largest", broker));
      env.execute();
      try (TopicClient topics = new TopicClient(kafka.address(), "rejected")) {
        var seen = topics.readUntil(records -> records.size() == 2, Duration.ofSeconds(30));
        assertThat(seen.get(0).key()).hasSize(64 << 10);
        assertThat(seen.get(1).key()).isNull();
        assertThat(new String(seen.get(0).value(), UTF_8)).doesNotContain("key_dropped");
        assertThat(new String(seen.get(1).value(), UTF_8))
            .contains("\"length\":1048576,\"key_dropped\":true");
      }
    }
  }
}
