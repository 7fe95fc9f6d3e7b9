package io.github.flinkrnn.rig.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  private static final int KINDS = FaultPlan.KINDS.size();

  @Test
  void everyKindComesOncePerRound() {
    List<Fault> plan = FaultPlan.of(FaultPlan.KINDS, 2 * KINDS + 3, new Random(4));

    assertThat(plan).hasSize(2 * KINDS + 3);
    assertThat(plan.subList(0, KINDS)).containsExactlyInAnyOrderElementsOf(FaultPlan.KINDS);
    assertThat(plan.subList(KINDS, 2 * KINDS)).containsExactlyInAnyOrderElementsOf(FaultPlan.KINDS);
    assertThat(new HashSet<>(plan.subList(2 * KINDS, plan.size()))).hasSize(3);
    assertThat(plan.subList(0, KINDS)).isNotEqualTo(plan.subList(KINDS, 2 * KINDS));
  }

  @Test
  void aSeedGivesOnePlan() {
    assertThat(FaultPlan.of(FaultPlan.KINDS, 30, new Random(7)))
        .isEqualTo(FaultPlan.of(FaultPlan.KINDS, 30, new Random(7)));
  }

  @Test
  void everyKindHasANameOfItsOwn() {
    assertThat(FaultPlan.KINDS).extracting(Fault::name).doesNotHaveDuplicates();
  }
}
