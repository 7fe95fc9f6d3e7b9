package io.github.flinkrnn.rig.faults;

import io.github.flinkrnn.rig.cluster.KafkaServer;
import io.github.flinkrnn.rig.cluster.KafkaServer.Version;
import java.io.IOException;

/**
 * Stops the broker, as an operator would, and starts the next version on its log; the next time,
 * the version before again. Kafka permits that as long as the features of the cluster are not
 * upgraded.
 */
final class BrokerUpgrade implements Fault {
  @Override
  public String name() {
    return "broker-upgrade";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    KafkaServer kafka = scene.cluster().kafka();
    boolean back = kafka.version() == Version.CURRENT;
    kafka.stop();
    kafka.start(back ? Version.BEFORE : Version.CURRENT);
    return name() + (back ? " 4.4→4.2" : " 4.2→4.4");
  }
}
