package io.github.flinkrnn.rig.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;

/**
 * A topic is deleted while the job runs, and created again up to five seconds later. In turn, it is
 *
 * <ul>
 *   <li>the topic of the dead letters, with an invalid record while it is missing. Its earlier
 *       records were read before: they are lost by the deletion itself;
 *   <li>the topic of the tokens, when all of them have their predictions. No token can be sent
 *       while it is missing.
 * </ul>
 */
final class DeleteTopic implements Fault {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_MISSING_MILLIS = 5000;
  private static final byte[] INVALID = "{\"key\":\"k2\"}".getBytes(UTF_8);

  private boolean ofTokens;

  @Override
  public String name() {
    return "delete-topic";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    String topic = ofTokens ? Topics.TOKENS : Topics.REJECTED;
    ofTokens = !ofTokens;
    if (topic.equals(Topics.TOKENS)) {
      scene.load().pause();
      if (scene.ledger().await(scene.ledger().mark(), PATIENCE) > 0) {
        throw new IOException("not all tokens had their predictions before the deletion");
      }
      replace(scene, topic, false);
      scene.load().resume();
    } else {
      replace(scene, topic, true);
    }
    return name() + " " + topic;
  }

  private static void replace(Scene scene, String topic, boolean rejects)
      throws IOException, InterruptedException {
    scene.deadLetters().settle(PATIENCE);
    scene.cluster().kafka().deleteTopic(topic);
    if (rejects) {
      scene.deadLetters().expect(scene.load().sendBad("k2", INVALID));
    }
    Scene.pause(Duration.ofMillis(scene.random().nextInt(MOST_MISSING_MILLIS)));
    scene.cluster().kafka().createTopics(Topics.PARTITIONS, topic);
    if (rejects) {
      scene.deadLetters().readFromBeginning();
    }
  }
}
