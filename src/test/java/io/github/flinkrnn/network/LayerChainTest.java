package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.PortableKernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Linear;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

/** Layers with and without a state, in any order before the head. */
class LayerChainTest {
  private static final Kernel KERNEL = new PortableKernel();

  /** One unit: a&lt;t&gt; = a&lt;t-1&gt; + factor x. */
  private static Layer sum(float factor) {
    return new ElmanCell(Activation.RELU, number(1), number(factor), null, KERNEL);
  }

  private static Layer times(float factor) {
    return new Linear(number(factor), null, Activation.IDENTITY, KERNEL);
  }

  private static FMatrixRMaj number(float number) {
    return FMatrixRMaj.wrap(1, 1, new float[] {number});
  }

  private static LayerChain chain(Layer... layers) {
    return new LayerChain(null, List.of(layers), List.of(times(10), times(10)), null, KERNEL);
  }

  @Test
  void aLayerWithoutAStateCanBeBeforeAndBetweenLayersWithOne() {
    LayerChain chain = chain(times(2), sum(1), times(3), sum(1));
    assertThat(chain.stateSize()).isEqualTo(2);
    assertThat(chain.hiddenAt()).isEqualTo(1);
    assertThat(chain.hiddenSize()).isEqualTo(1);
    Network.Stepper stepper = chain.stepper();
    float[] first = new float[2];
    stepper.step(new float[] {5}, chain.initialState(), first);
    assertThat(first).containsExactly(10, 30);
    float[] second = new float[2];
    stepper.step(new float[] {1}, first, second);
    assertThat(second).containsExactly(12, 66);
    float[] logits = new float[1];
    stepper.logits(second, logits);
    assertThat(logits).containsExactly(6600);
    stepper.logits(first, logits);
    assertThat(logits).containsExactly(3000);
  }

  @Test
  void wordsGoIntoALayerWithoutAStateToo() {
    FMatrixRMaj embedding = FMatrixRMaj.wrap(3, 1, new float[] {7, 5, 1});
    List<Layer> layers = List.of(times(2), sum(1));
    LayerChain computes =
        new LayerChain(embedding, layers, List.of(times(1)), new float[] {1}, KERNEL);
    for (Network network : List.of(computes, computes.withTable(3, 1000))) {
      float[] next = new float[1];
      network.stepper().step(1, network.initialState(), next);
      assertThat(next).containsExactly(11);
    }
    assertThat(computes.withTable(3, 1000).describe().tableBytes()).isEqualTo(12);
    assertThat(computes.withTable(3, 11)).isSameAs(computes);
  }

  /** Otherwise the logits would not be a function of the state that a sequence keeps. */
  @Test
  void theStateEndsWithTheInputOfTheHead() {
    assertThatThrownBy(() -> chain(sum(1), times(1))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LayerChain(null, List.of(sum(1)), List.of(sum(1)), null, KERNEL))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
