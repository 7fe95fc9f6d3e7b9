package io.github.flinkrnn.rig.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import tools.jackson.databind.json.JsonMapper;

/**
 * The options that Flink's start scripts give a JVM: the deployed configuration, the settings of
 * this machine, and the memory sizes that Flink computes from both.
 */
final class FlinkOptions {
  private static final String MARK = "BASH_JAVA_UTILS_EXEC_RESULT:";

  /** The result of Flink's computation: JVM flags, and options for Flink itself. */
  private record Memory(List<String> flags, List<String> words) {}

  private final Path configuration;
  private final ClusterSize size;
  private final int restPort;
  private final List<String> ofThisMachine = new ArrayList<>();
  private final Map<String, Memory> computed = new HashMap<>();

  /**
   * @param directory for files that Flink keeps while it runs
   * @param checkpoints for checkpoints, and for the metadata of high availability
   * @param savepoints for savepoints
   * @param zooKeeper host and port
   * @param size has other options that differ from the deployed ones
   */
  FlinkOptions(
      Path directory, Path checkpoints, Path savepoints, String zooKeeper, ClusterSize size)
      throws IOException {
    configuration = ServerFiles.deployed("flink");
    int[] ports = Loopback.freePorts(3);
    restPort = ports[0];
    Path scratch = Files.createDirectories(directory.resolve("tmp"));
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("jobmanager.rpc.address", Loopback.HOST);
    options.put("jobmanager.rpc.port", ports[1]);
    options.put("jobmanager.bind-host", Loopback.HOST);
    options.put("rest.address", Loopback.HOST);
    options.put("rest.bind-address", Loopback.HOST);
    options.put("rest.port", restPort);
    options.put("rest.bind-port", restPort);
    options.put("taskmanager.host", Loopback.HOST);
    options.put("taskmanager.bind-host", Loopback.HOST);
    options.put("taskmanager.numberOfTaskSlots", FlinkCluster.SLOTS);
    options.put("metrics.reporters", "none"); // its jar is only in the image
    // Many faults follow each other here, so recovery must not wait long.
    options.put("restart-strategy.exponential-delay.max-backoff", "10s");
    options.put("high-availability.type", "zookeeper");
    options.put("high-availability.zookeeper.quorum", zooKeeper);
    options.put("high-availability.zookeeper.client.session-timeout", "10s");
    options.put("high-availability.cluster-id", "/cluster");
    options.put("high-availability.jobmanager.port", ports[1]);
    options.put("high-availability.storageDir", checkpoints.resolve("ha").toUri());
    options.put("execution.checkpointing.dir", checkpoints.toUri());
    options.put("execution.checkpointing.savepoint-dir", savepoints.toUri());
    options.put("io.tmp.dirs", scratch);
    options.put("web.upload.dir", scratch);
    options.put("heartbeat.interval", "1s");
    options.put("heartbeat.timeout", FlinkCluster.HEARTBEAT_TIMEOUT.toSeconds() + "s");
    // Everything is on one CI machine, which also runs other things.
    options.put("pekko.startup-timeout", "60s");
    options.put("pekko.ask.timeout", "30s");
    options.put("jobmanager.memory.process.size", "832m");
    options.putAll(size.options());
    options.forEach((key, value) -> ofThisMachine.add("-D" + key + "=" + value));
    this.size = size;
  }

  int restPort() {
    return restPort;
  }

  List<String> jobManagerJvm(Path jdk) throws IOException, InterruptedException {
    return jvm(memory("GET_JM_RESOURCE_PARAMS", jdk), "env.java.opts.jobmanager");
  }

  List<String> taskManagerJvm(Path jdk) throws IOException, InterruptedException {
    return jvm(memory("GET_TM_RESOURCE_PARAMS", jdk), "env.java.opts.taskmanager");
  }

  List<String> jobManagerWords(Path jdk) throws IOException, InterruptedException {
    return words(memory("GET_JM_RESOURCE_PARAMS", jdk));
  }

  List<String> taskManagerWords(Path jdk) throws IOException, InterruptedException {
    return words(memory("GET_TM_RESOURCE_PARAMS", jdk));
  }

  private List<String> jvm(Memory memory, String ofItsKind) throws IOException {
    Configuration deployed = GlobalConfiguration.loadConfiguration(configuration.toString());
    List<String> options = new ArrayList<>(memory.flags());
    for (String key : List.of("env.java.opts.all", ofItsKind)) {
      String flags = deployed.toMap().getOrDefault(key, "").strip();
      if (!flags.isEmpty()) {
        options.addAll(List.of(flags.split("\\s+")));
      }
    }
    options.addAll(size.jvm());
    options.add("-cp");
    options.add(
        Stream.concat(
                Stream.of(ServerFiles.jars("flink")), size.libraries().stream().map(Path::toString))
            .collect(Collectors.joining(File.pathSeparator)));
    return options;
  }

  private List<String> words(Memory memory) {
    List<String> words = new ArrayList<>(List.of("--configDir", configuration.toString()));
    words.addAll(ofThisMachine);
    words.addAll(memory.words());
    return words;
  }

  /** Writes the configuration as Flink's scripts read it: the deployed one, and this machine's. */
  void write(Path config) throws IOException {
    Map<String, String> all =
        new TreeMap<>(GlobalConfiguration.loadConfiguration(configuration.toString()).toMap());
    for (String word : ofThisMachine) {
      int equals = word.indexOf('=');
      all.put(word.substring("-D".length(), equals), word.substring(equals + 1));
    }
    Files.write(config, new JsonMapper().writeValueAsBytes(all)); // JSON is YAML
  }

  /** Asks what {@code config.sh} of a Flink distribution asks before it starts a JVM. */
  private Memory memory(String question, Path jdk) throws IOException, InterruptedException {
    Memory known = computed.get(question);
    if (known != null) {
      return known;
    }
    List<String> command = new ArrayList<>();
    command.addAll(List.of(jdk.resolve("bin/java").toString(), "-cp", ServerFiles.jars("flink")));
    command.addAll(List.of("org.apache.flink.runtime.util.bash.BashJavaUtils", question));
    command.addAll(List.of("--configDir", configuration.toString()));
    command.addAll(ofThisMachine);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    List<String> answers =
        said.lines()
            .filter(line -> line.startsWith(MARK))
            .map(line -> line.substring(MARK.length()))
            .toList();
    if (process.waitFor() != 0 || answers.size() != 2) {
      throw new IOException(question + ": " + said);
    }
    Memory memory =
        new Memory(
            List.of(answers.get(0).strip().split("\\s+")),
            // Makes one word of each "-D key=value".
            List.of(answers.get(1).strip().replaceAll("-D\\s+", "-D").split("\\s+")));
    computed.put(question, memory);
    return memory;
  }
}
