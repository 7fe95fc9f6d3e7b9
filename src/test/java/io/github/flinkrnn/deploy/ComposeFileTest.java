package io.github.flinkrnn.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * docker-compose.yml, as far as it can be checked without a Docker engine: only fields of the
 * compose specification, pinned images, ports on the loopback interface, mounts that exist.
 */
class ComposeFileTest {
  private static final JsonNode COMPOSE = Yaml.read("docker-compose.yml");

  /** A volume, file or directory, and its path in the container. */
  private record Mount(String source, String target, boolean readOnly) {}

  /** The fields of a service in the specification that a file like this may use. */
  private static final Set<String> SERVICE_FIELDS =
      Set.of(
          "annotations",
          "build",
          "cap_add",
          "cap_drop",
          "command",
          "configs",
          "container_name",
          "cpus",
          "depends_on",
          "deploy",
          "dns",
          "entrypoint",
          "env_file",
          "environment",
          "expose",
          "extra_hosts",
          "healthcheck",
          "hostname",
          "image",
          "init",
          "labels",
          "logging",
          "mem_limit",
          "network_mode",
          "networks",
          "ports",
          "privileged",
          "profiles",
          "pull_policy",
          "read_only",
          "restart",
          "scale",
          "secrets",
          "security_opt",
          "shm_size",
          "stop_grace_period",
          "stop_signal",
          "sysctls",
          "tmpfs",
          "ulimits",
          "user",
          "volumes",
          "working_dir");

  private static final Set<String> HEALTH_FIELDS =
      Set.of("test", "interval", "timeout", "retries", "start_period", "start_interval", "disable");

  private static Stream<String> services() {
    return COMPOSE.get("services").propertyNames().stream();
  }

  private static JsonNode service(String name) {
    return COMPOSE.get("services").get(name);
  }

  @Test
  void theFieldsAreThoseOfTheSpecification() {
    assertThat(COMPOSE.propertyNames()).isSubsetOf("name", "services", "volumes", "networks");
    assertThat(services())
        .containsExactlyInAnyOrder(
            "kafka",
            "topics",
            "zookeeper",
            "directories",
            "jobmanager",
            "taskmanager",
            "job",
            "prometheus",
            "grafana");
    assertThat(service("taskmanager").at("/deploy/replicas").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceHasOnlyFieldsOfTheSpecification(String name) {
    assertThat(service(name).propertyNames()).isSubsetOf(SERVICE_FIELDS);
    assertThat(service(name).path("healthcheck").propertyNames()).isSubsetOf(HEALTH_FIELDS);
  }

  @ParameterizedTest
  @MethodSource("services")
  void anImageIsPinnedToItsLastDigit(String name) {
    assertThat(service(name).get("image").asString())
        .matches("[a-z/]+:v?\\d+\\.\\d+\\.\\d+(-[a-z0-9_.-]+)?");
  }

  @ParameterizedTest
  @MethodSource("services")
  void aPortIsOnlyOnTheLoopbackInterface(String name) {
    for (JsonNode port : service(name).path("ports")) {
      assertThat(port.asString()).matches("127\\.0\\.0\\.1:\\d{2,5}:\\d{2,5}");
    }
    assertThat(service(name).has("network_mode")).isFalse();
    assertThat(service(name).has("privileged")).isFalse();
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceThatStaysHasAHealthCheckAndOneThatEndsIsNotRestarted(String name) {
    JsonNode service = service(name);
    if (service.has("healthcheck")) {
      assertThat(service.at("/healthcheck/test/0").asString()).isIn("CMD", "CMD-SHELL");
      assertThat(service.get("restart").asString()).isEqualTo("unless-stopped");
    } else {
      assertThat(name).isIn("topics", "directories", "job");
      assertThat(service.get("restart").asString()).isEqualTo("no");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceWaitsForOthersThatExistAndCanSucceed(String name) {
    for (Map.Entry<String, JsonNode> needed : service(name).path("depends_on").properties()) {
      JsonNode other = service(needed.getKey());
      assertThat(other).as(needed.getKey()).isNotNull();
      assertThat(needed.getValue().get("condition").asString())
          .isEqualTo(
              other.has("healthcheck") ? "service_healthy" : "service_completed_successfully");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void mountedFilesExist(String name) {
    for (JsonNode node : service(name).path("volumes")) {
      Mount mount = mount(node);
      assertThat(mount.target()).startsWith("/");
      if (mount.source().startsWith("./target/")) {
        // It is built and not in the repository. If it is missing, Docker must not create it.
        assertThat(mount.source()).isEqualTo("./target/flink-rnn-" + Pom.version() + ".jar");
        assertThat(node.at("/bind/create_host_path").booleanValue(true)).isFalse();
      } else if (mount.source().startsWith("./")) {
        assertThat(Path.of(mount.source())).exists();
        assertThat(mount.readOnly()).as("%s", node).isTrue();
      } else {
        assertThat(COMPOSE.get("volumes").propertyNames()).contains(mount.source());
      }
    }
  }

  private static Mount mount(JsonNode node) {
    if (node.isObject()) {
      assertThat(node.propertyNames()).isSubsetOf("type", "source", "target", "read_only", "bind");
      return new Mount(
          node.get("source").asString(),
          node.get("target").asString(),
          node.path("read_only").booleanValue(false));
    }
    String[] parts = node.asString().split(":", -1);
    assertThat(parts).hasSizeBetween(2, 3);
    return new Mount(parts[0], parts[1], parts.length == 3 && parts[2].equals("ro"));
  }

  @Test
  void everyVolumeIsMounted() {
    List<String> mounted =
        services()
            .flatMap(name -> service(name).path("volumes").valueStream())
            .map(node -> mount(node).source())
            .toList();
    assertThat(mounted).containsAll(COMPOSE.get("volumes").propertyNames());
  }

  @ParameterizedTest
  @MethodSource("services")
  void theEnvironmentHoldsNoSecret(String name) {
    for (String variable : service(name).path("environment").propertyNames()) {
      assertThat(variable).doesNotContainPattern("(?i)passw|secret|token|credential|_key$");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void aServiceHasLimitsOfMemoryAndLog(String name) {
    assertThat(service(name).get("mem_limit").asString()).matches("\\d+[mg]");
    JsonNode logging = service(name).get("logging");
    assertThat(logging.propertyNames()).containsExactlyInAnyOrder("driver", "options");
    assertThat(logging.get("driver").asString()).isEqualTo("json-file");
    assertThat(logging.at("/options/max-size").asString()).isEqualTo("10m");
    assertThat(logging.at("/options/max-file").asString()).isEqualTo("3");
  }

  /**
   * A limit below what the process may use kills it; one far above it would be none. Beyond its
   * heap, a JVM needs memory for its code, threads and buffers.
   */
  @Test
  void theLimitOfMemoryFitsTheProcess() {
    Configuration flink = GlobalConfiguration.loadConfiguration("src/deploy/flink");
    assertThat(mebibytes("jobmanager"))
        .isBetween(
            size(flink, JobManagerOptions.TOTAL_PROCESS_MEMORY),
            size(flink, JobManagerOptions.TOTAL_PROCESS_MEMORY) * 5 / 4);
    assertThat(mebibytes("taskmanager"))
        .isBetween(
            size(flink, TaskManagerOptions.TOTAL_PROCESS_MEMORY),
            size(flink, TaskManagerOptions.TOTAL_PROCESS_MEMORY) * 5 / 4);
    for (String kafka : List.of("kafka", "topics")) {
      String heap = service(kafka).at("/environment/KAFKA_HEAP_OPTS").asString();
      assertThat(mebibytes(kafka)).isEqualTo(2 * mebibytesOf(heap.replace("-Xmx", "")));
    }
    assertThat(mebibytes("zookeeper"))
        .isEqualTo(2 * service("zookeeper").at("/environment/ZK_SERVER_HEAP").asLong(0));
  }

  @Test
  void theHeadOfTheFileAddsUpTheLimits() throws Exception {
    long all =
        services()
            .filter(name -> service(name).has("healthcheck"))
            .mapToLong(name -> mebibytes(name) * service(name).at("/deploy/replicas").asLong(1))
            .sum();
    assertThat(Files.readString(Path.of("docker-compose.yml")))
        .contains("add up to " + all / 1024.0 + " GB");
  }

  private static long mebibytes(String service) {
    return mebibytesOf(service(service).get("mem_limit").asString());
  }

  private static long mebibytesOf(String size) {
    return MemorySize.parse(size).getMebiBytes();
  }

  private static long size(Configuration flink, ConfigOption<MemorySize> option) {
    return flink.get(option).getMebiBytes();
  }

  /** The job has directories of its own, in the volume, so that it resumes from nothing else. */
  @Test
  void theJobResumesFromItsOwnDirectory() {
    List<String> command =
        service("job").get("command").valueStream().map(JsonNode::asString).toList();
    assertThat(command)
        .containsExactly(
            "/bin/bash",
            "/opt/flink-rnn/conf/submit.sh",
            "/opt/flink-rnn/flink-rnn.jar",
            "file:///opt/flink-rnn/checkpoints/jobs",
            Yaml.read("jobs/name-tagging/job.yaml").get("name").asString(),
            "--job",
            "/opt/flink-rnn/jobs/name-tagging/job.yaml");
    assertThat(Path.of("src/deploy/flink/submit.sh")).isExecutable();
    assertThat(service("job").at("/environment/FLINK_RNN_FROM").asString())
        .isEqualTo("${FLINK_RNN_FROM-latest}");
  }

  @Test
  void allOfFlinkIsOneImageOfTheVersionThatTheJobIsBuiltFor() {
    assertThat(List.of("jobmanager", "taskmanager", "job", "directories"))
        .allSatisfy(
            name ->
                assertThat(service(name).get("image").asString())
                    .isEqualTo("flink:" + Pom.property("flink.version") + "-scala_2.12-java17"));
    assertThat(service("kafka").get("image")).isEqualTo(service("topics").get("image"));
    assertThat(service("kafka").get("image").asString())
        .isEqualTo("apache/kafka:" + Pom.property("kafka.version"));
  }

  @Test
  void theTopicsAreTheJobs() throws Exception {
    JsonNode job = Yaml.read("jobs/name-tagging/job.yaml");
    String topics =
        Stream.of("source", "sink", "dead_letters")
            .map(end -> job.get(end).get("topic").asString())
            .reduce((a, b) -> a + " " + b)
            .orElseThrow();
    assertThat(service("topics").at("/command/2").asString()).contains("in " + topics + ";");
    assertThat(service("job").at("/environment/KAFKA").asString())
        .isEqualTo("kafka:19092")
        .isSubstringOf(Files.readString(Path.of("src/deploy/kafka/server.properties")));
  }
}
