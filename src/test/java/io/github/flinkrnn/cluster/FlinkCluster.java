package io.github.flinkrnn.cluster;

import io.github.flinkrnn.config.ConfigJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A JobManager and TaskManagers, each a JVM of its own that has Flink's jars and none of ours. They
 * find each other by ZooKeeper, so that each may die and be replaced.
 */
public final class FlinkCluster {
  /** Of each TaskManager. */
  public static final int SLOTS = 2;

  /** A TaskManager that is not heard of for so long counts as lost. */
  public static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(6);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String RUNTIME = "org.apache.flink.runtime.";

  private final ServerJvms jvms;
  private final FlinkOptions options;
  private final List<ServerJvm> taskManagers = new ArrayList<>();
  private final List<String> ids = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
  private ServerJvm jobManager;
  private Path jdk = Jdks.current();
  private int incarnations;

  FlinkCluster(ServerJvms jvms, FlinkOptions options) {
    this.jvms = jvms;
    this.options = options;
  }

  /** Starts a JobManager and so many TaskManagers, and waits until all slots are there. */
  void start(int count) throws IOException, InterruptedException {
    startJobManager();
    for (int i = 0; i < count; i++) {
      taskManagers.add(null);
      ids.add("");
      startTaskManager(i);
    }
    awaitSlots();
  }

  /** Starts a JobManager where none is. */
  public void startJobManager() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(options.jobManagerJvm(jdk));
    command.add(RUNTIME + "entrypoint.StandaloneSessionClusterEntrypoint");
    command.addAll(options.jobManagerWords(jdk));
    jobManager = jvms.start("jobmanager", jdk, command);
  }

  /** Starts a TaskManager where none is. */
  public void startTaskManager(int index) throws IOException, InterruptedException {
    String id = "taskmanager-" + index + "-" + ++incarnations;
    List<String> command = new ArrayList<>(options.taskManagerJvm(jdk));
    command.add(RUNTIME + "taskexecutor.TaskManagerRunner");
    command.addAll(options.taskManagerWords(jdk));
    command.add("-Dtaskmanager.resource-id=" + id);
    ids.set(index, id);
    taskManagers.set(index, jvms.start("taskmanager-" + index, jdk, command));
  }

  /** SIGKILL. */
  public void killJobManager() {
    jobManager.kill();
  }

  /** A process to be killed, paused, resumed. */
  public ServerJvm taskManager(int index) {
    return taskManagers.get(index);
  }

  /** How many there are. */
  public int taskManagers() {
    return taskManagers.size();
  }

  /** Processes that are started from now on run on another JDK. */
  public void use(Path otherJdk) {
    jdk = otherJdk;
  }

  /** The JDK that processes are started on. */
  public Path jdk() {
    return jdk;
  }

  /** Waits until the JobManager answers and has the slots of all TaskManagers. */
  public void awaitSlots() throws IOException, InterruptedException {
    int slots = SLOTS * taskManagers.size();
    jobManager.await(
        "a cluster of " + slots + " slots",
        PATIENCE,
        () -> get("/overview").map(o -> o.path("slots-total").asInt(0) == slots).orElse(false));
  }

  /** The TaskManagers, by their index, that run a task of a job. */
  public List<Integer> hosts(String job) throws IOException, InterruptedException {
    List<Integer> hosts = new ArrayList<>();
    for (JsonNode vertex : answer("/jobs/" + job).path("vertices")) {
      String path = "/jobs/" + job + "/vertices/" + vertex.path("id").asString();
      for (JsonNode task : answer(path).path("subtasks")) {
        int index = ids.indexOf(task.path("taskmanager-id").asString(""));
        if (index >= 0 && !hosts.contains(index)) {
          hosts.add(index);
        }
      }
    }
    return hosts;
  }

  private JsonNode answer(String path) throws IOException, InterruptedException {
    return get(path).orElseThrow(() -> new IOException(address() + path + ": no answer"));
  }

  /** The REST interface's URL. */
  public String address() {
    return "http://" + Loopback.HOST + ":" + options.restPort();
  }

  /** What the REST interface answers; nothing while nobody listens there. */
  public Optional<JsonNode> get(String path) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address() + path)).timeout(ANSWER).build();
    try {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return answer.statusCode() == 200
          ? Optional.of(ConfigJson.parse(path, "", answer.body()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
