package io.github.flinkrnn.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM takes, by the JDK's own tool and by Linux.
 *
 * @param pid of the JVM
 * @param jdk the home of the JDK that runs it
 */
record ProcessProbe(long pid, Path jdk) {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");
  private static final int KILO = 1024;

  /** Bytes on the heap that something refers to: after a collection of all of it. */
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

  /** The bytes of all classes of a histogram. */
  static long total(String histogram) throws IOException {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("no histogram of a heap: " + histogram);
    }
    return Long.parseLong(total.group(1));
  }

  /** Seconds of a processor that it took so far. */
  double cpuSeconds() throws IOException {
    return ProcessHandle.of(pid)
            .flatMap(process -> process.info().totalCpuDuration())
            .orElseThrow(() -> new IOException("process " + pid + " is gone"))
            .toMillis()
        / 1e3;
  }

  /** Bytes of memory that the process has now. */
  long memory() throws IOException {
    return status(Files.readString(Path.of("/proc/" + pid + "/status")), "VmRSS");
  }

  /** The most that it ever had. */
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
