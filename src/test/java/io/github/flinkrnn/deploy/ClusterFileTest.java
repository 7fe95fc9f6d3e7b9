package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The cluster configuration of docker-compose.yml: Flink itself reads it, and it fits the compose
 * file.
 */
class ClusterFileTest {
  private static final Configuration FLINK =
      GlobalConfiguration.loadConfiguration(new File("src/deploy/flink").getPath());

  @Test
  void flinkReadsEveryOption() {
    assertThat(FLINK.get(RestOptions.PORT)).isEqualTo(8081);
    assertThat(FLINK.get(TaskManagerOptions.NUM_TASK_SLOTS)).isEqualTo(2);
    assertThat(FLINK.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
    assertThat(FLINK.get(RocksDBConfigurableOptions.USE_BLOOM_FILTER)).isTrue();
    assertThat(FLINK.get(CheckpointingOptions.INCREMENTAL_CHECKPOINTS)).isTrue();
    assertThat(FLINK.get(CheckpointingOptions.CHECKPOINTING_TIMEOUT))
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(FLINK.get(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER)).isEqualTo(10);
    assertThat(FLINK.get(HighAvailabilityOptions.HA_MODE)).isEqualTo("zookeeper");
    assertThat(FLINK.get(HighAvailabilityOptions.HA_ZOOKEEPER_QUORUM)).isEqualTo("zookeeper:2181");
    assertThat(FLINK.get(WebOptions.SUBMIT_ENABLE)).isFalse();
    assertThat(FLINK.get(WebOptions.ACCESS_CONTROL_ALLOW_ORIGIN))
        .isEqualTo("http://localhost:8081");
    assertThat(FLINK.getString("metrics.reporter.prometheus.factory.class", ""))
        .isEqualTo(PrometheusReporterFactory.class.getName());
    assertThat(FLINK.getString("env.java.opts.all", ""))
        .startsWith("--add-modules=jdk.incubator.vector ")
        .contains("--add-opens=java.base/java.util=ALL-UNNAMED");
  }

  @Test
  void everyDirectoryIsInAVolumeOfAllProcesses() {
    String volume = "checkpoints:/opt/flink-rnn/checkpoints";
    JsonNode services = Yaml.read("docker-compose.yml").get("services");
    for (String process : Set.of("jobmanager", "taskmanager", "directories")) {
      assertThat(services.at("/" + process + "/volumes").valueStream().map(JsonNode::asString))
          .contains(volume);
    }
    Set<String> directories = new TreeSet<>();
    for (Map.Entry<String, String> option : FLINK.toMap().entrySet()) {
      if (option.getValue().startsWith("file:")) {
        directories.add(option.getValue());
      }
    }
    assertThat(directories)
        .hasSize(3)
        .allMatch(directory -> directory.startsWith("file:///opt/flink-rnn/checkpoints/"));
  }
}
