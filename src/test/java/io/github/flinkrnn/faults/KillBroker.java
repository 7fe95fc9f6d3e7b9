package io.github.flinkrnn.faults;

import java.io.IOException;
import java.time.Duration;

/** SIGKILL; after up to three seconds the broker is started again on the log that it left. */
final class KillBroker implements Fault {
  private static final int MOST_MILLIS = 3000;

  @Override
  public String name() {
    return "kill-broker";
  }

  @Override
  public String strike(Scene scene) throws IOException, InterruptedException {
    scene.cluster().kafka().kill();
    Scene.pause(Duration.ofMillis(scene.random().nextInt(MOST_MILLIS)));
    scene.cluster().kafka().start();
    return name();
  }
}
