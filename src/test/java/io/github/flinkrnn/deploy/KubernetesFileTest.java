package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.job.RnnJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The FlinkDeployment: only fields of the operator's resource definition, and everything that it
 * names exists.
 */
class KubernetesFileTest {
  private static final JsonNode DEPLOYMENT = Yaml.read("jobs/kubernetes/flink-deployment.yaml");
  private static final JsonNode SPEC = DEPLOYMENT.get("spec");

  @Test
  void theFieldsAreThoseOfTheOperator() {
    assertThat(DEPLOYMENT.propertyNames())
        .containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
    assertThat(DEPLOYMENT.get("apiVersion").asString()).isEqualTo("flink.apache.org/v1beta1");
    assertThat(DEPLOYMENT.get("kind").asString()).isEqualTo("FlinkDeployment");
    assertThat(SPEC.propertyNames())
        .isSubsetOf(
            "flinkConfiguration",
            "flinkVersion",
            "image",
            "imagePullPolicy",
            "ingress",
            "job",
            "jobManager",
            "logConfiguration",
            "mode",
            "podTemplate",
            "restartNonce",
            "serviceAccount",
            "taskManager");
    assertThat(SPEC.get("job").propertyNames())
        .isSubsetOf(
            "allowNonRestoredState",
            "args",
            "entryClass",
            "initialSavepointPath",
            "jarURI",
            "parallelism",
            "savepointRedeployNonce",
            "state",
            "upgradeMode");
    for (String process : List.of("jobManager", "taskManager")) {
      assertThat(SPEC.get(process).propertyNames())
          .isSubsetOf("podTemplate", "replicas", "resource");
      assertThat(SPEC.at("/" + process + "/resource").propertyNames())
          .isSubsetOf("cpu", "ephemeralStorage", "memory");
    }
    assertThat(SPEC.get("flinkVersion").asString()).matches("v\\d_\\d+");
    assertThat(SPEC.at("/job/upgradeMode").asString()).isIn("savepoint", "last-state", "stateless");
  }

  @Test
  void flinkOptionsAreStringsAsTheResourceRequires() {
    Configuration flink = new Configuration();
    SPEC.get("flinkConfiguration")
        .properties()
        .forEach(
            option -> {
              assertThat(option.getValue().isString()).as(option.getKey()).isTrue();
              flink.setString(option.getKey(), option.getValue().asString());
            });
    assertThat(flink.get(TaskManagerOptions.NUM_TASK_SLOTS)).isEqualTo(2);
    assertThat(flink.get(StateBackendOptions.STATE_BACKEND)).isEqualTo("rocksdb");
    assertThat(flink.getString("env.java.opts.all", ""))
        .isEqualTo("--add-modules=jdk.incubator.vector");
  }

  @Test
  void theJobIsThatOfTheRepositoryByTheArgumentsOfItsMain() throws Exception {
    List<String> arguments = new ArrayList<>();
    SPEC.at("/job/args").forEach(argument -> arguments.add(argument.asString()));
    assertThat(arguments).containsExactly("--job", "/opt/flink-rnn/jobs/name-tagging/job.yaml");
    assertThat(Path.of("jobs/name-tagging/job.yaml")).exists();
    assertThat(RnnJob.class.getMethod("main", String[].class)).isNotNull();
    assertThat(SPEC.at("/job/jarURI").asString()).startsWith("local:///opt/flink-rnn/");
  }

  /** The pods log as the cluster of docker-compose.yml: JSON, in files of a limited size. */
  @Test
  void theLogIsConfiguredAsInCompose() throws Exception {
    assertThat(SPEC.get("logConfiguration").propertyNames())
        .containsExactly("log4j-console.properties");
    assertThat(SPEC.at("/logConfiguration/log4j-console.properties").asString())
        .isEqualTo(Files.readString(Path.of("src/deploy/flink/log4j-console.properties")));
  }

  @Test
  void everyProcessHasLimitsOfMemoryAndDisk() {
    for (String process : List.of("jobManager", "taskManager")) {
      JsonNode resource = SPEC.at("/" + process + "/resource");
      assertThat(MemorySize.parse(resource.get("memory").asString()).getMebiBytes())
          .isGreaterThanOrEqualTo(1600);
      assertThat(resource.get("ephemeralStorage").asString()).matches("\\d+Gi");
      assertThat(resource.get("cpu").isNumber()).isTrue();
    }
  }

  /** After an upgrade, and after a deletion, there is a savepoint or checkpoint to resume from. */
  @Test
  void whatAnUpgradeResumesFromIsKept() {
    JsonNode flink = SPEC.get("flinkConfiguration");
    assertThat(SPEC.at("/job/upgradeMode").asString()).isEqualTo("savepoint");
    assertThat(flink.get("kubernetes.operator.job.savepoint-on-deletion").asString())
        .isEqualTo("true");
    assertThat(flink.get("high-availability.type").asString()).isEqualTo("kubernetes");
    assertThat(flink.get("execution.checkpointing.externalized-checkpoint-retention").asString())
        .isEqualTo("RETAIN_ON_CANCELLATION");
    for (String directory : List.of("dir", "savepoint-dir")) {
      assertThat(flink.get("execution.checkpointing." + directory).asString())
          .startsWith("s3://")
          .contains("/name-tagging/");
    }
  }

  @Test
  void thePodMonitorFindsTheMetricsOfThePods() {
    JsonNode monitor = Yaml.read("jobs/kubernetes/pod-monitor.yaml");
    assertThat(monitor.propertyNames())
        .containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
    assertThat(monitor.get("apiVersion").asString()).isEqualTo("monitoring.coreos.com/v1");
    assertThat(monitor.get("kind").asString()).isEqualTo("PodMonitor");
    JsonNode spec = monitor.get("spec");
    assertThat(spec.propertyNames()).containsExactlyInAnyOrder("selector", "podMetricsEndpoints");
    // Flink gives its pods these labels: the name of the deployment, and how it runs.
    assertThat(spec.at("/selector/matchLabels/app")).isEqualTo(DEPLOYMENT.at("/metadata/name"));
    assertThat(spec.at("/selector/matchLabels/type").asString())
        .isEqualTo("flink-native-kubernetes");
    JsonNode endpoint = spec.at("/podMetricsEndpoints/0");
    assertThat(endpoint.propertyNames()).containsExactlyInAnyOrder("port", "interval");
    JsonNode port = SPEC.at("/podTemplate/spec/containers/0/ports/0");
    assertThat(endpoint.get("port")).isEqualTo(port.get("name"));
    assertThat(port.get("containerPort").asString())
        .isEqualTo(
            SPEC.get("flinkConfiguration").get("metrics.reporter.prometheus.port").asString());
  }

  @Test
  void noSecretIsInTheFile() {
    Set<String> container = Set.copyOf(SPEC.at("/podTemplate/spec/containers/0").propertyNames());
    assertThat(container).contains("name", "envFrom").doesNotContain("env");
    assertThat(SPEC.at("/podTemplate/spec/containers/0/name").asString())
        .isEqualTo("flink-main-container"); // the container to which the operator adds
  }
}
