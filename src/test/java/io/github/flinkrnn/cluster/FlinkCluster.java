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
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * A JobManager and TaskManagers, each a JVM of its own that has Flink's jars and none of ours. They
 * find each other by ZooKeeper, so that each may die and be replaced.
 */
public final class FlinkCluster {
  /** Of each TaskManager. */
  public static final int SLOTS = 2;

  /** A TaskManager that is not heard of for so long counts as lost. */
  public static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(8);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration SUPERVISION = Duration.ofMillis(200);
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
  private final List<String> endedUnasked = new ArrayList<>();
  private final Thread supervisor = new Thread(this::supervise, "supervisor");

  FlinkCluster(ServerJvms jvms, FlinkOptions options) {
    this.jvms = jvms;
    this.options = options;
  }

  /** Starts a JobManager and so many TaskManagers, and waits until all slots are there. */
  void start(int count) throws IOException, InterruptedException {
    synchronized (this) {
      startJobManager();
      for (int i = 0; i < count; i++) {
        taskManagers.add(null);
        ids.add("");
        startTaskManager(i);
      }
    }
    supervisor.start();
    awaitSlots();
  }

  private void startJobManager() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(options.jobManagerJvm(jdk));
    command.add(RUNTIME + "entrypoint.StandaloneSessionClusterEntrypoint");
    command.addAll(options.jobManagerWords(jdk));
    jobManager = jvms.start("jobmanager", jdk, command);
  }

  private void startTaskManager(int index) throws IOException, InterruptedException {
    String id = "taskmanager-" + index + "-" + ++incarnations;
    List<String> command = new ArrayList<>(options.taskManagerJvm(jdk));
    command.add(RUNTIME + "taskexecutor.TaskManagerRunner");
    command.addAll(options.taskManagerWords(jdk));
    command.add("-Dtaskmanager.resource-id=" + id);
    ids.set(index, id);
    taskManagers.set(index, jvms.start("taskmanager-" + index, jdk, command));
  }

  /** SIGKILL of the JobManager; another is started. */
  public synchronized void replaceJobManager() throws IOException, InterruptedException {
    jobManager.kill();
    startJobManager();
  }

  /** SIGKILL of a TaskManager; another is started. */
  public synchronized void replaceTaskManager(int index) throws IOException, InterruptedException {
    taskManagers.get(index).kill();
    startTaskManager(index);
  }

  /** SIGKILL of all; as many are started on another JDK. */
  public synchronized void replaceAll(Path otherJdk) throws IOException, InterruptedException {
    jdk = otherJdk;
    jobManager.kill();
    taskManagers.forEach(ServerJvm::kill);
    startJobManager();
    for (int i = 0; i < taskManagers.size(); i++) {
      startTaskManager(i);
    }
  }

  /**
   * What compose or Kubernetes does: a process that ended is started again. A JobManager ends when
   * ZooKeeper took it for dead, as it may on a machine with too much to do.
   */
  private void supervise() {
    try {
      while (!jvms.isClosed()) {
        synchronized (this) {
          if (!jobManager.isAlive()) {
            endedUnasked.add(jobManager.end());
            startJobManager();
          }
          for (int i = 0; i < taskManagers.size(); i++) {
            if (!taskManagers.get(i).isAlive()) {
              endedUnasked.add(taskManagers.get(i).end());
              startTaskManager(i);
            }
          }
        }
        LockSupport.parkNanos(SUPERVISION.toNanos());
      }
    } catch (IOException e) {
      // The cluster was closed meanwhile; or no process can be started, which shows at its user.
      synchronized (this) {
        endedUnasked.add("the supervisor: " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The processes that ended by themselves, and were started again: when, and how they ended. */
  public synchronized List<String> endedUnasked() {
    return List.copyOf(endedUnasked);
  }

  /** A process to be killed, paused, resumed. */
  public synchronized ServerJvm taskManager(int index) {
    return taskManagers.get(index);
  }

  /** The JDK that processes are started on. */
  public synchronized Path jdk() {
    return jdk;
  }

  /** Waits until the JobManager answers and has the slots of all TaskManagers. */
  public void awaitSlots() throws IOException, InterruptedException {
    int slots = SLOTS * taskManagers.size();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (get("/overview").map(o -> o.path("slots-total").asInt(0)).orElse(0) != slots) {
      if (System.nanoTime() > deadline) {
        throw new IOException("no cluster of " + slots + " slots within " + PATIENCE);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("while waiting for slots");
      }
      LockSupport.parkNanos(SUPERVISION.toNanos());
    }
  }

  /** The TaskManagers, by their index, that run a task of a job. */
  public List<Integer> hosts(String job) throws IOException, InterruptedException {
    List<Integer> hosts = new ArrayList<>();
    for (JsonNode vertex : answer("/jobs/" + job).path("vertices")) {
      String path = "/jobs/" + job + "/vertices/" + vertex.path("id").asString();
      for (JsonNode task : answer(path).path("subtasks")) {
        int index = index(task.path("taskmanager-id").asString(""));
        if (index >= 0 && !hosts.contains(index)) {
          hosts.add(index);
        }
      }
    }
    return hosts;
  }

  private synchronized int index(String id) {
    return ids.indexOf(id);
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
