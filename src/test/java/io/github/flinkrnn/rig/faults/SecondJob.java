package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Starts a second job of the same name on the same broker: on another cluster, and in a process of
 * its own. Both are rejected. With {@code --take-over}, the one in its own process runs beside the
 * job, until it is killed (SIGKILL).
 */
final class SecondJob implements Fault {
  private static final String ELSEWHERE = "elsewhere";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String REJECTED = "a job '" + FaultSuite.NAME + "' is already running";

  @Override
  public String name() {
    return "second-job";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    HttpServer other = anotherCluster();
    try {
      String address = "http://127.0.0.1:" + other.getAddress().getPort();
      expectRejected(scene, "--submit=" + address);
    } finally {
      other.stop(0);
    }
    expectRejected(scene, "--brokers");
    runBeside(scene);
    return name();
  }

  private static void expectRejected(Scene scene, String option)
      throws IOException, InterruptedException {
    String said = scene.job().failure(List.of(option));
    if (!said.contains(REJECTED)) {
      throw new IOException(option + " was not rejected: " + said);
    }
  }

  /** The REST interface of a cluster without jobs. Nothing more is asked of it. */
  private static HttpServer anotherCluster() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] answer = "{\"flink-version\":\"2.3.0\",\"jobs\":[]}".getBytes(UTF_8);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** Runs until it has committed predictions to a topic of its own. */
  private static void runBeside(Scene scene) throws IOException, InterruptedException {
    String topic = ELSEWHERE + "-" + scene.random().nextInt(1_000_000);
    scene.cluster().kafka().createTopics(Topics.PARTITIONS, topic, topic + "-rejected");
    Process run =
        scene
            .job()
            .start(
                List.of(
                    "--brokers",
                    "--take-over",
                    "--set=sink.topic=" + topic,
                    "--set=dead_letters.topic=" + topic + "-rejected"));
    Topics topics = new Topics(scene.cluster().kafka().address());
    try (KafkaConsumer<byte[], byte[]> consumer = topics.committed(topic)) {
      Scene.await(
          "prediction of a run beside the job", PATIENCE, () -> !consumer.poll(POLL).isEmpty());
    } finally {
      run.descendants().forEach(ProcessHandle::destroyForcibly);
      run.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
