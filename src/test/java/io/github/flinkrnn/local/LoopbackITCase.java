package io.github.flinkrnn.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in the launcher's own process, broker and Web UI included, listens on the loopback
 * interface alone: by the kernel's own list of sockets.
 */
@EnabledOnOs(OS.LINUX)
class LoopbackITCase {
  private static final String LISTENS = "0A";

  @TempDir private Path directory;

  @Test
  void nothingListensOnAnotherInterface() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(Files.createDirectory(directory.resolve("k")))) {
      kafka.createTopics(1, "tokens", "predictions", "rejected");
      String servers = ".properties.bootstrap.servers=" + kafka.address();
      Process run =
          new Launcher(directory)
              .start(
                  "name-tagging",
                  "--ui",
                  ("--set=source" + servers),
                  ("--set=sink" + servers),
                  ("--set=dead_letters" + servers));
      try {
        awaitUi(run);
        expectLoopback(listening(run.pid()), 2); // REST, and Flink's own at least
      } finally {
        run.destroy();
        run.waitFor();
      }
      // The broker is this process's: EmbeddedRun starts the same one.
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

  /** Local addresses, in the kernel's hexadecimal, of the sockets that a process listens on. */
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
