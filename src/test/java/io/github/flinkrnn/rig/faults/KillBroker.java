package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.time.Duration;

/** Kills the broker (SIGKILL), and restarts it on its log after up to three seconds. */
final class KillBroker implements Fault {
  private static final int MOST_MILLIS = 3000;

  @Override
  public String name() {
    return "kill-broker";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    scene.cluster().kafka().kill();
    Scene.pause(Duration.ofMillis(scene.random().nextInt(MOST_MILLIS)));
    scene.cluster().kafka().start();
    return name();
  }
}
