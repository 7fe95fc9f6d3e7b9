package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.rig.cluster.FlinkCluster;
import io.github.flinkrnn.rig.cluster.Jdks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Kills all of Flink's processes and starts them on another JDK; the next time, on the first one
 * again.
 */
final class OtherJdk implements Fault {
  @Override
  public String name() {
    return "other-jdk";
  }

  @Override
  public Optional<String> hindrance(Scene scene) {
    return scene.otherJdk().isPresent()
        ? Optional.empty()
        : Optional.of("no JDK " + FaultSuite.OTHER_JDK + " on this machine");
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    FlinkCluster flink = scene.cluster().flink();
    Path other = scene.otherJdk().orElseThrow();
    boolean back = flink.jdk().equals(other);
    flink.replaceAll(back ? Jdks.current() : other);
    flink.awaitSlots();
    int current = Runtime.version().feature();
    int from = back ? FaultSuite.OTHER_JDK : current;
    return name() + " " + from + "→" + (back ? current : FaultSuite.OTHER_JDK);
  }
}
