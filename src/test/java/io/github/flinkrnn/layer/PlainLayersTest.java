package io.github.flinkrnn.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.PortableKernel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Norms, convolutions, activations and residual connections. */
class PlainLayersTest {
  private static final Kernel KERNEL = new PortableKernel();

  /** Takes steps from a zero state, and returns the outputs. */
  private static float[][] outputs(Layer layer, float[]... x) {
    Layer.Stepper stepper = layer.stepper();
    float[] previous = new float[layer.stateSize()];
    float[][] outputs = new float[x.length][];
    for (int t = 0; t < x.length; t++) {
      float[] next = new float[previous.length];
      if (layer.keepsOutput()) {
        stepper.step(x[t], 0, previous, next, 0);
        outputs[t] = Arrays.copyOf(next, layer.outputSize());
      } else {
        outputs[t] = new float[layer.outputSize()];
        stepper.step(x[t], 0, previous, next, 0, outputs[t], 0);
      }
      assertTogether(layer, stepper, x[t], previous, outputs[t]);
      previous = next;
    }
    return outputs;
  }

  /** A step of three sequences, of which the first and the last are the same. */
  private static void assertTogether(
      Layer layer, Layer.Stepper stepper, float[] x, float[] previous, float[] expected) {
    float[] other = x.clone();
    other[0]++;
    float[][] next = new float[3][previous.length];
    float[][] y = layer.keepsOutput() ? next : new float[3][layer.outputSize()];
    float[][] before = {previous, new float[previous.length], previous};
    stepper.stepEach(3, new float[][] {x, other, x}, 0, before, next, 0, y, 0);
    assertThat(Arrays.copyOf(y[0], expected.length)).isEqualTo(expected);
    assertThat(Arrays.copyOf(y[2], expected.length)).isEqualTo(expected);
    float[] single = new float[previous.length];
    float[] itsY = layer.keepsOutput() ? single : new float[layer.outputSize()];
    stepper.step(other, 0, before[1], single, 0, itsY, 0);
    assertThat(y[1]).isEqualTo(itsY);
    assertThat(next[1]).isEqualTo(single);
  }

  private static float[] x(double... numbers) {
    float[] x = new float[numbers.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) numbers[i];
    }
    return x;
  }

  @Test
  void aBatchNormIsAScaleAndAShift() {
    Layer norm = ScaleShift.ofBatchNorm(x(1, 2), x(3, 0), 1, x(2, 1), x(0, 5));

    assertThat(outputs(norm, x(3, 4))).isDeepEqualTo(new float[][] {x(2, 7)});
    assertThat(outputs(ScaleShift.ofBatchNorm(x(1, 2), x(3, 0), 1, null, null), x(3, 4)))
        .isDeepEqualTo(new float[][] {x(1, 2)});
  }

  @Test
  void aLayerNormIsCentredAndAnRmsNormIsNot() {
    float[] ones = x(1, 1, 1, 1, 1);
    float[] shift = x(0, 0, 0, 0, 10);
    Layer norm = new LayerNorm(5, true, 2, ones, shift);
    // The mean is 3, and the variance 2.
    assertThat(outputs(norm, x(1, 2, 3, 4, 5)))
        .isDeepEqualTo(new float[][] {x(-1, -.5, 0, .5, 11)});
    Layer rms = new LayerNorm(5, false, 5, x(2, 2, 2, 2, 2), null);
    // The mean of the squares is 11.
    assertThat(outputs(rms, x(1, 2, 3, 4, 5))).isDeepEqualTo(new float[][] {x(.5, 1, 1.5, 2, 2.5)});
  }

  @Test
  void aConvolutionSeesEarlierInputsAndZerosBeforeThem() {
    float[] weight = {100, 10, 1}; // of t - 4, t - 2 and t
    Layer conv = new CausalConvolution(weight, 1, 1, 3, 2, x(0.5), KERNEL);

    assertThat(outputs(conv, x(1), x(2), x(3), x(4), x(5), x(6)))
        .isDeepEqualTo(new float[][] {x(1.5), x(2.5), x(13.5), x(24.5), x(135.5), x(246.5)});
    assertThat(conv.stateSize()).isEqualTo(5);
  }

  @Test
  void aConvolutionOfOneTapHasNoInputsInItsState() {
    Layer conv = new CausalConvolution(new float[] {2, 3}, 1, 2, 1, 7, null, KERNEL);

    assertThat(outputs(conv, x(1, 10))).isDeepEqualTo(new float[][] {x(32)});
    assertThat(conv.stateSize()).isEqualTo(1);
  }

  @Test
  void aResidualConnectionAddsItsInput() {
    Layer sum = // a<t> = a<t-1> + x<t>
        new ElmanCell(
            Activation.RELU,
            FMatrixRMaj.wrap(1, 1, x(1)),
            FMatrixRMaj.wrap(1, 1, x(1)),
            null,
            KERNEL);
    Layer twice = new Linear(FMatrixRMaj.wrap(1, 1, x(2)), null, Activation.IDENTITY, KERNEL);
    Layer residual =
        LayerGraph.residual(List.of(sum, twice, new ActivationLayer(Activation.RELU, 1, KERNEL)));

    assertThat(residual.stateSize()).isEqualTo(1);
    assertThat(outputs(residual, x(1), x(2))).isDeepEqualTo(new float[][] {x(3), x(8)});
    Layer kept = new KeptOutput(residual);
    assertThat(kept.stateSize()).isEqualTo(2);
    assertThat(outputs(kept, x(1), x(2))).isDeepEqualTo(new float[][] {x(3), x(8)});
    assertThat(outputs(LayerGraph.residual(List.of(residual)), x(1), x(2)))
        .isDeepEqualTo(new float[][] {x(4), x(10)});
  }

  /** a&lt;t&gt; = a&lt;t-1&gt; + factor x&lt;t&gt;. */
  private static Layer sum(int factor) {
    FMatrixRMaj one = FMatrixRMaj.wrap(1, 1, x(1));
    FMatrixRMaj ofX = FMatrixRMaj.wrap(1, 1, x(factor));
    return new ElmanCell(Activation.IDENTITY, one, ofX, null, KERNEL);
  }

  @Test
  void aGraphJoinsItsNodes() {
    for (LayerGraph.Join join : LayerGraph.Join.values()) {
      Layer graph =
          new LayerGraph(
              List.of(
                  LayerGraph.Node.of(sum(1), 0),
                  LayerGraph.Node.of(sum(10), 1),
                  new LayerGraph.Node(null, join, List.of(2, 0, 1))),
              1);
      // The inputs are 2 and 3, the sums 2 and 5, and the sums of ten times those 20 and 70.
      float[][] expected =
          switch (join) {
            case ADD -> new float[][] {x(24), x(78)};
            case SUBTRACT -> new float[][] {x(16), x(62)};
            case MULTIPLY -> new float[][] {x(80), x(1050)};
            case AVERAGE -> new float[][] {x(8), x(26)};
            case MAXIMUM -> new float[][] {x(20), x(70)};
            case MINIMUM -> new float[][] {x(2), x(3)};
            case CONCATENATE -> new float[][] {x(20, 2, 2), x(70, 3, 5)};
          };
      assertThat(outputs(graph, x(2), x(3))).as("%s", join).isDeepEqualTo(expected);
      assertThat(outputs(new KeptOutput(graph), x(2), x(3))).isDeepEqualTo(expected);
      assertThat(graph.stateSize()).isEqualTo(2);
      assertThat(graph.outputSize()).isEqualTo(join == LayerGraph.Join.CONCATENATE ? 3 : 1);
    }
  }

  @Test
  void aGraphOfManyLayersHasAShortType() {
    List<Layer> nine =
        List.of(sum(1), sum(1), sum(1), sum(1), sum(1), sum(1), sum(1), sum(1), sum(1));
    assertThat(LayerGraph.chain(nine).type()).isEqualTo("graph of 9 layers");
    assertThat(LayerGraph.chain(nine.subList(0, 2)).type())
        .isEqualTo("graph (rnn (identity), rnn (identity))");
  }

  @Test
  void paddingLeavesTheStateAndTheOutput() {
    Layer masked = Masked.byValue(LayerGraph.chain(List.of(sum(1), sum(10))), -1);
    assertThat(outputs(masked, x(-1), x(2), x(-1), x(-1), x(3)))
        .isDeepEqualTo(new float[][] {x(0), x(20), x(20), x(20), x(70)});
    Layer flagged = Masked.byFlag(sum(1));
    assertThat(flagged.inputSize()).isEqualTo(2);
    assertThat(outputs(flagged, x(5, 1), x(2, 0), x(7, 1), x(3, 0)))
        .isDeepEqualTo(new float[][] {x(0), x(2), x(2), x(5)});
  }

  @Test
  void aScaleAndAShiftKeepTheDigitsOfLargeNumbers() {
    double[] third = {1 / 3.0};
    assertThat(outputs(new ScaleShift(1, third, new double[] {-1e6 / 3}), x(1e6 + 0.5)))
        .isDeepEqualTo(new float[][] {x(0.5 / 3)});
    assertThat(outputs(new ScaleShift(2, new double[] {2, 3}, new double[] {1}), x(1, 10)))
        .isDeepEqualTo(new float[][] {x(3, 31)});
  }

  @Test
  void rectifiersHaveParameters() {
    Layer ramp = new Ramp(4, x(0.1), 1, 6);
    assertThat(outputs(ramp, x(-9, 1, 2, 7))).isDeepEqualTo(new float[][] {x(-1, 0, 2, 6)});
    Layer slopes = new Ramp(2, x(0.5, 0.25), 0, Float.POSITIVE_INFINITY);
    assertThat(outputs(slopes, x(-4, -4))).isDeepEqualTo(new float[][] {x(-2, -1)});
    assertThat(outputs(new ScaledElu(2, 0.5f), x(2, -100)))
        .isDeepEqualTo(new float[][] {x(2, -.5)});
  }

  @Test
  void aSoftmaxDoesNotOverflow() {
    assertThat(outputs(new Softmax(2, false, KERNEL), x(1000, 1000), x(0, 1000)))
        .isDeepEqualTo(new float[][] {x(.5, .5), x(0, 1)});
    assertThat(outputs(new Softmax(2, true, KERNEL), x(1000, 1000), x(0, 1000)))
        .isDeepEqualTo(new float[][] {x(-0.69314718056, -0.69314718056), x(-1000, 0)});
    assertThat(outputs(new Slice(4, 1, 2), x(1, 2, 3, 4))).isDeepEqualTo(new float[][] {x(2, 3)});
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 65})
  void theBitsAreTheSameInEveryKernel(int size) {
    Random random = new Random(size);
    float[] weight = numbers(random, size * size * 3);
    float[] bias = numbers(random, size);
    float[][] inputs = new float[9][];
    for (int t = 0; t < inputs.length; t++) {
      inputs[t] = numbers(random, size);
    }
    for (Activation g : Activation.values()) {
      assertThat(outputs(new ActivationLayer(g, size, Kernel.best()), inputs))
          .as("%s", g)
          .isDeepEqualTo(outputs(new ActivationLayer(g, size, KERNEL), inputs));
    }
    assertThat(
            outputs(new CausalConvolution(weight, size, size, 3, 2, bias, Kernel.best()), inputs))
        .isDeepEqualTo(
            outputs(new CausalConvolution(weight, size, size, 3, 2, bias, KERNEL), inputs));
  }

  private static float[] numbers(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
