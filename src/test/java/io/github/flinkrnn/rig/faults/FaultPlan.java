package io.github.flinkrnn.rig.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The order of faults: every kind once in random order before any kind is repeated. */
final class FaultPlan {
  /** All kinds. */
  static final List<Fault> KINDS =
      List.of(
          new KillTaskManager(),
          new KillInCheckpoint(),
          new KillJobManager(),
          new KillBroker(),
          new PauseTaskManager(),
          new FillDisk(),
          new HideModel(),
          new PoisonRecords(),
          new FutureTokens(),
          new LargePrediction(),
          new DeleteTopic(),
          new StopAndResume(),
          new Rescale(),
          new OtherJdk(),
          new OtherJar(),
          new SecondJob(),
          new LongDowntime(),
          new BrokerUpgrade());

  private FaultPlan() {}

  /**
   * @param kinds at least one
   */
  static List<Fault> of(List<Fault> kinds, int count, Random random) {
    List<Fault> plan = new ArrayList<>();
    while (plan.size() < count) {
      List<Fault> round = new ArrayList<>(kinds);
      Collections.shuffle(round, random);
      plan.addAll(round.subList(0, Math.min(round.size(), count - plan.size())));
    }
    return plan;
  }
}
