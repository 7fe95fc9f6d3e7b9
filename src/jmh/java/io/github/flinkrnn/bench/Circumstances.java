package io.github.flinkrnn.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Stream;

/** The machine, the versions and the date, which belong to every result. */
public final class Circumstances {
  private Circumstances() {}

  /**
   * The lines above a table.
   *
   * @param command the command that the user typed
   */
  static String header(String command, boolean quick, String kernel) {
    return of("jobs/bench.sh " + command + (quick ? " --quick" : "")) + "kernel   " + kernel + "\n";
  }

  /** The same for another command, without a kernel. */
  public static String of(String command) {
    return String.join(
        "\n",
        "command  " + command,
        "cpu      " + cpu() + ", " + Runtime.getRuntime().availableProcessors() + " processors",
        "jdk      " + System.getProperty("java.vm.name") + " " + Runtime.version(),
        "date     " + LocalDate.now(ZoneOffset.UTC),
        "");
  }

  /** The name in Linux; elsewhere only the architecture. */
  private static String cpu() {
    String architecture = System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip() + " (" + architecture + ")")
          .orElse(architecture);
    } catch (IOException e) {
      return architecture;
    }
  }
}
