package io.github.flinkrnn.rig.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The resources of a JVM, as the JDK's tool and Linux report them.
 *
 * @param pid the process id of the JVM
 * @param jdk the home of the JDK that runs it
 */
record ProcessProbe(long pid, Path jdk) {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");
  private static final int KILO = 1024;

  /** The bytes of live objects, after a full collection. */
  long liveHeap() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                jdk.resolve("bin/jcmd").toString(), Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd of process " + pid + ": " + said);
    }
    return total(said);
  }

  /** The bytes of all classes in a histogram. */
  static long total(String histogram) throws IOException {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("no histogram of a heap: " + histogram);
    }
    return Long.parseLong(total.group(1));
  }

  /** The processor time so far, in seconds. */
  double cpuSeconds() throws IOException {
    return ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .orElseThrow(() -> new IOException("process " + pid + " is gone"))
            .toMillis()
        / 1e3;
  }

  /** The memory of the process now, in bytes. */
  long memory() throws IOException {
    return status(Files.readString(Path.of("/proc/" + pid + "/status")), "VmRSS");
  }

  /** The peak memory of the process, in bytes. */
  long peakMemory() throws IOException {
    return status(Files.readString(Path.of("/proc/" + pid + "/status")), "VmHWM");
  }

  /** A field of Linux's {@code /proc/PID/status}, in bytes. */
  static long status(String status, String field) throws IOException {
    Matcher line = Pattern.compile("(?m)^" + field + ":\\s+(\\d+) kB$").matcher(status);
    if (!line.find()) {
      throw new IOException("no " + field + " in the process's status");
    }
    return KILO * Long.parseLong(line.group(1));
  }
}
