package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kafka.TopicClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in the process of the launcher, including broker and Web UI, listens only on the loopback
 * interface, according to the socket list of the kernel.
 */
@EnabledOnOs(OS.LINUX)
class LoopbackITCase {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String LISTENS = "0A";

  @TempDir private Path directory;

  /** Flink's REST interface would accept a job from anyone. Without --ui there is none. */
  @Test
  void withoutTheWebUiNoPortAnswersHttp() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(1, "tokens", "predictions", "rejected");
      Process run = start(kafka);
      try (TopicClient topics = new TopicClient(kafka.address(), "predictions")) {
        String token = Files.readAllLines(Path.of("jobs/name-tagging/tokens.jsonl")).get(0);
        topics.write("tokens", List.of(Map.entry("k", token.getBytes(UTF_8))));
        topics.readUntil(seen -> seen.size() >= 1, Duration.ofMinutes(2));
        Set<String> addresses = listening(run.pid());
        expectLoopback(addresses, 1);
        for (String address : addresses) {
          int port = Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
          assertThat(answer(port)).as("port %d", port).doesNotContain("HTTP");
        }
      } finally {
        run.destroy();
        run.waitFor();
      }
    }
  }

  /** The answer of a port to a request, until it closes or a second has passed. */
  private static String answer(int port) throws IOException {
    try (Socket socket = new Socket(LOOPBACK, port)) {
      socket.setSoTimeout(1000);
      String request = "GET /overview HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readNBytes(100), UTF_8);
    } catch (SocketTimeoutException | SocketException e) {
      return e.getMessage();
    }
  }

  private Process start(EmbeddedKafka kafka, String... options)
      throws IOException, InterruptedException {
    String servers = ".properties.bootstrap.servers=" + kafka.address();
    List<String> words =
        new ArrayList<>(
            List.of(
                "name-tagging",
                "--brokers",
                "--set=source" + servers,
                "--set=sink" + servers,
                "--set=dead_letters" + servers));
    words.addAll(List.of(options));
    return new Launcher(directory).start(words.toArray(String[]::new));
  }

  @Test
  void nothingListensOnAnotherInterface() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(1, "tokens", "predictions", "rejected");
      Process run = start(kafka, "--ui");
      try {
        awaitUi(run);
        expectLoopback(listening(run.pid()), 2); // at least REST and one internal port
      } finally {
        run.destroy();
        run.waitFor();
      }
      // The broker is in this process. EmbeddedRun starts the same one.
      Set<String> broker = listening(ProcessHandle.current().pid());
      expectLoopback(broker, 2);
    }
  }

  private void awaitUi(Process run) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    Path said = directory.resolve("started.txt");
    while (!Files.exists(said) || !Files.readString(said).contains("ui       http://127.0.0.1:")) {
      if (System.nanoTime() > deadline || !run.isAlive()) {
        throw new AssertionError("no Web UI: " + Files.readString(said));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static void expectLoopback(Set<String> addresses, int atLeast) {
    assertThat(addresses).hasSizeGreaterThanOrEqualTo(atLeast);
    assertThat(addresses)
        .allMatch(
            address ->
                address.startsWith("0100007F:") // 127.0.0.1
                    || address.startsWith("00000000000000000000000001000000:") // ::1
                    || address.startsWith("0000000000000000FFFF00000100007F:")); // ::ffff:127.0.0.1
  }

  /**
   * The local addresses of the sockets on which a process listens, in the kernel's hexadecimal
   * format.
   */
  private static Set<String> listening(long pid) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (IOException e) {
          // closed meanwhile
        }
      }
    }
    Set<String> addresses = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] columns = line.strip().split("\\s+", -1);
        if (columns.length > 9 && columns[3].equals(LISTENS) && inodes.contains(columns[9])) {
          addresses.add(columns[1]);
        }
      }
    }
    return addresses;
  }
}
