package io.github.flinkrnn.rig.cluster;

import io.github.flinkrnn.ChildJvm;
import io.github.flinkrnn.config.ConfigJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A JobManager and TaskManagers. Each is a separate JVM with the jars of Flink and none of this
 * project. They find each other through ZooKeeper, so each may die and be replaced.
 */
public final class FlinkCluster {
  /** The slots of each TaskManager. */
  public static final int SLOTS = 2;

  /** After this long without a heartbeat, a TaskManager counts as lost. */
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
  private boolean down;
  private final List<String> endedUnasked = new ArrayList<>();
  private final Thread supervisor = new Thread(this::supervise, "supervisor");

  FlinkCluster(ServerJvms jvms, FlinkOptions options) {
    this.jvms = jvms;
    this.options = options;
  }

  /** Starts a JobManager and this many TaskManagers, and waits until all slots are available. */
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

  /** Kills the JobManager (SIGKILL), and starts another. */
  public synchronized void replaceJobManager() throws IOException, InterruptedException {
    jobManager.kill();
    startJobManager();
  }

  /** Kills a TaskManager (SIGKILL), and starts another. */
  public synchronized void replaceTaskManager(int index) throws IOException, InterruptedException {
    taskManagers.get(index).kill();
    startTaskManager(index);
  }

  /** Kills all TaskManagers (SIGKILL), and starts none. */
  public synchronized void killTaskManagers() {
    down = true;
    ServerJvm.kill(taskManagers);
  }

  /** Starts as many TaskManagers as were killed. Does nothing if none was. */
  public synchronized void startTaskManagers() throws IOException, InterruptedException {
    for (int i = 0; down && i < taskManagers.size(); i++) {
      startTaskManager(i);
    }
    down = false;
  }

  /** Kills all processes (SIGKILL), and starts as many on another JDK. */
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
   * Restarts processes that ended, as Compose or Kubernetes would. A JobManager ends if ZooKeeper
   * considers it dead, which can happen on an overloaded machine.
   */
  private void supervise() {
    try {
      while (!jvms.isClosed()) {
        synchronized (this) {
          if (!jobManager.isAlive()) {
            endedUnasked.add(jobManager.end());
            startJobManager();
          }
          for (int i = 0; !down && i < taskManagers.size(); i++) {
            if (!taskManagers.get(i).isAlive()) {
              endedUnasked.add(taskManagers.get(i).end());
              startTaskManager(i);
            }
          }
        }
        LockSupport.parkNanos(SUPERVISION.toNanos());
      }
    } catch (IOException e) {
      // Either the cluster was closed meanwhile, or no process can be started; then its caller
      // fails.
      synchronized (this) {
        endedUnasked.add("the supervisor: " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The processes that ended by themselves and were restarted: when and how they ended. */
  public synchronized List<String> endedUnasked() {
    return List.copyOf(endedUnasked);
  }

  /**
   * Writes the two directories of a Flink distribution that a client needs: {@code conf}, the
   * deployed files with the settings of this machine, and {@code bin} with the command {@code
   * flink}, which reads them in FLINK_CONF_DIR.
   */
  public void installClient(Path home) throws IOException {
    Path conf = Files.createDirectories(home.resolve("conf"));
    try (Stream<Path> files = Files.list(ServerFiles.deployed("flink"))) {
      for (Path file : files.toList()) {
        Files.copy(file, conf.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    Files.delete(conf.resolve("config.yaml"));
    options.write(conf.resolve("config.yaml"));
    Path command = Files.createDirectories(home.resolve("bin")).resolve("flink");
    Files.writeString(
        command,
        "#!/usr/bin/env bash\nexec '"
            + Jdks.current().resolve("bin/java")
            + "' -Xmx256m "
            + String.join(" ", ChildJvm.flags())
            + " --add-opens=java.base/java.util=ALL-UNNAMED -Dlog.file='"
            + home.resolve("client.log")
            + "' -Dlog4j2.configurationFile=\"file://$FLINK_CONF_DIR/log4j-cli.properties\" -cp '"
            + ServerFiles.jars("flink")
            + "' org.apache.flink.client.cli.CliFrontend \"$@\"\n");
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A process to kill, pause or resume. */
  public synchronized ServerJvm jobManager() {
    return jobManager;
  }

  /** A process to kill, pause or resume. */
  public synchronized ServerJvm taskManager(int index) {
    return taskManagers.get(index);
  }

  /** The JDK on which processes are started. */
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

  /** The indexes of the TaskManagers that run a task of a job. */
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

  /** The URL of the REST interface. */
  public String address() {
    return "http://" + Loopback.HOST + ":" + options.restPort();
  }

  /** The answer of the REST interface; empty if it does not answer. */
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
