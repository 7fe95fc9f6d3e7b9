package io.github.flinkrnn.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.GruCell;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.LayerGraph.Join;
import io.github.flinkrnn.layer.LayerNorm;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.layer.LstmCell;
import io.github.flinkrnn.network.LookAheadStepper.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random networks over random sequences, several of them together: the outputs are those of the
 * definition, bit for bit.
 */
class LookAheadStepperTest {
  private static final Kernel KERNEL = Kernel.best();
  private static final int[] LOOKS = {0, 1, 2, 3, 10, LookAheadStepper.END};
  private static final int RESERVED = 2;

  private final Random random = new Random(5);

  private FMatrixRMaj matrix(int rows, int columns) {
    return FMatrixRMaj.wrap(rows, columns, vector(rows * columns));
  }

  private float[] vector(int size) {
    float[] vector = new float[size];
    for (int i = 0; i < size; i++) {
      vector[i] = random.nextFloat() - 0.5f;
    }
    return vector;
  }

  private Layer cell(int inputs, int units) {
    return switch (random.nextInt(4)) {
      case 0 ->
          new ElmanCell(
              Activation.TANH, matrix(units, units), matrix(units, inputs), vector(units), KERNEL);
      case 1 ->
          new GruCell(
              matrix(3 * units, inputs),
              matrix(3 * units, units),
              vector(3 * units),
              vector(3 * units),
              Activation.SIGMOID,
              Activation.TANH,
              true,
              KERNEL);
      case 2 ->
          new LstmCell(
              matrix(4 * units, units),
              matrix(4 * units, inputs),
              vector(4 * units),
              null,
              Activation.SIGMOID,
              Activation.TANH,
              KERNEL);
      default -> // with a projection
          new LstmCell(
              matrix(4 * (units + 2), units),
              matrix(4 * (units + 2), inputs),
              null,
              matrix(units, units + 2),
              Activation.SIGMOID,
              Activation.TANH,
              KERNEL);
    };
  }

  private Bidirectional bidirectional(int inputs) {
    int units = 1 + random.nextInt(6);
    Join[] joins = {Join.CONCATENATE, Join.CONCATENATE, Join.ADD, Join.MULTIPLY, Join.AVERAGE};
    Join join = joins[random.nextInt(joins.length)];
    boolean both = random.nextInt(6) > 0;
    int others = join == Join.CONCATENATE ? 1 + random.nextInt(6) : units;
    return new Bidirectional(both ? cell(inputs, units) : null, cell(inputs, others), join, false);
  }

  /** Layers with the given number of bidirectional ones. */
  private List<Layer> layers(int inputs, int depth) {
    List<Layer> layers = new ArrayList<>();
    int size = inputs;
    for (int l = 0; l < depth; l++) {
      size = between(layers, size);
      layers.add(bidirectional(size));
      size = layers.get(layers.size() - 1).outputSize();
    }
    between(layers, size);
    return layers;
  }

  private int between(List<Layer> layers, int size) {
    switch (random.nextInt(5)) {
      case 0 -> layers.add(new LayerNorm(size, true, 1e-5, vector(size), vector(size)));
      case 1 -> layers.add(new Linear(matrix(3, size), vector(3), Activation.RELU, KERNEL));
      case 2 -> layers.add(cell(size, 4));
      default -> {}
    }
    return layers.isEmpty() ? size : layers.get(layers.size() - 1).outputSize();
  }

  /** A sequence as it goes on: its inputs, and the outputs so far. */
  private static final class Story {
    final List<float[]> inputs = new ArrayList<>();
    final List<Integer> cuts = new ArrayList<>(); // positions after which all was decided
    final List<float[]> outputs = new ArrayList<>();
    float[] kept;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theOutputsAreThoseOfTheDefinition(int depth) {
    for (int round = 0; round < 60; round++) {
      int look = LOOKS[random.nextInt(LOOKS.length)];
      List<Layer> layers = layers(3, depth);
      FMatrixRMaj head = matrix(2, layers.get(layers.size() - 1).outputSize());
      List<Layer> all = new ArrayList<>(layers);
      all.add(new Linear(head, vector(2), Activation.IDENTITY, KERNEL));
      BidirectionalNetwork network =
          (BidirectionalNetwork) LayerNetwork.of(null, all, List.of(), null, KERNEL);
      check(network, all, look);
    }
  }

  private void check(BidirectionalNetwork network, List<Layer> all, int look) {
    LookAheadStepper stepper = network.lookAhead(false, look, RESERVED);
    List<Story> stories = List.of(new Story(), new Story(), new Story(), new Story());
    for (int i = 0; i < 40; i++) {
      List<Story> some = stories.stream().filter(each -> random.nextInt(3) > 0).toList();
      boolean isLast = i == 39;
      step(stepper, isLast ? stories : some, isLast);
    }
    Network.Stepper logits = network.stepper();
    for (Story story : stories) {
      int[] ends = new int[story.inputs.size()];
      for (int t = 0; t < ends.length; t++) {
        int position = t;
        ends[t] = story.cuts.stream().filter(cut -> cut >= position).findFirst().orElseThrow();
      }
      List<float[]> expected = new DefinedLookAhead(all, look).outputs(story.inputs, ends);
      assertThat(story.outputs).hasSameSizeAs(expected);
      for (int t = 0; t < ends.length; t++) {
        float[] y = new float[2];
        logits.logits(story.outputs.get(t), y);
        assertThat(y).as("position " + t + " with " + look + " ahead").isEqualTo(expected.get(t));
      }
      assertThat(story.kept).hasSize(network.lookAhead(false, 0, RESERVED).mostKept());
    }
  }

  private void step(LookAheadStepper stepper, List<Story> some, boolean isLast) {
    Sequence[] sequences = new Sequence[some.size()];
    boolean[] provisional = new boolean[some.size()];
    for (int i = 0; i < sequences.length; i++) {
      Story story = some.get(i);
      float[] before = story.kept == null ? null : story.kept.clone();
      sequences[i] = new Sequence(before, new float[stepper.mostKept()]);
      if (random.nextInt(8) > 0 || story.kept == null) {
        float[] x = vector(3);
        sequences[i].take(0, x);
        story.inputs.add(x);
      }
      if (isLast || random.nextInt(12) == 0) {
        sequences[i].decideAll();
        story.cuts.add(story.inputs.size() - 1);
      } else if (random.nextInt(3) == 0) {
        sequences[i].askProvisional();
        provisional[i] = true;
      }
    }
    stepper.run(sequences.length, sequences);
    for (int i = 0; i < sequences.length; i++) {
      some.get(i).kept = sequences[i].next();
      some.get(i).outputs.addAll(List.of(sequences[i].decided()));
      assertThat(stepper.fits(sequences[i].next())).isTrue();
      boolean isDecided = some.get(i).outputs.size() == some.get(i).inputs.size();
      if (!provisional[i] || isDecided) {
        assertThat(sequences[i].provisional()).isNull();
      }
    }
  }

  @Test
  void aProvisionalOutputIsThatOfASequenceThatEndsThere() {
    for (int round = 0; round < 60; round++) {
      List<Layer> layers = layers(3, 1 + round % 3);
      BidirectionalNetwork network =
          (BidirectionalNetwork) LayerNetwork.of(null, layers, List.of(), null, KERNEL);
      LookAheadStepper stepper = network.lookAhead(false, 1 + random.nextInt(3), 0);
      float[] kept = null;
      for (int t = 1; t <= 12; t++) {
        float[] x = vector(3);
        Sequence goingOn = new Sequence(kept, null);
        goingOn.take(0, x);
        goingOn.askProvisional();
        Sequence ending = new Sequence(kept, null);
        ending.take(0, x);
        ending.decideAll();
        stepper.run(2, new Sequence[] {goingOn, ending});
        float[][] all = ending.decided();
        assertThat(goingOn.provisional()).isEqualTo(all[all.length - 1]);
        kept = goingOn.next();
      }
    }
  }

  @Test
  void aPositionThatOverflowsIsNotReadByOthers() {
    for (int round = 0; round < 40; round++) {
      List<Layer> layers = List.of(bidirectional(3));
      int look = LOOKS[random.nextInt(LOOKS.length)];
      BidirectionalNetwork network =
          (BidirectionalNetwork) LayerNetwork.of(null, layers, List.of(), null, KERNEL);
      float[] bad = {Float.NaN, 1, 1};
      List<float[]> good = List.of(vector(3), vector(3), vector(3), vector(3));
      List<float[]> all = List.of(good.get(0), good.get(1), bad, good.get(2), good.get(3));
      float[][] with = run(network.lookAhead(false, look, 0), all);
      assertThat(with[2]).containsOnly(Float.NaN);
      for (int t : new int[] {0, 1, 3, 4}) {
        int[] ends = {4, 4, 4, 4, 4};
        float[] expected = withoutReading(layers, look, all, t, ends);
        assertThat(with[t]).as("position " + t).isEqualTo(expected);
      }
    }
  }

  /** The output of a position as if position 2 were not there, within the same look ahead. */
  private static float[] withoutReading(
      List<Layer> layers, int look, List<float[]> all, int t, int[] ends) {
    int last = (int) Math.min((long) t + look, 4);
    List<float[]> read = new ArrayList<>(all.subList(0, last + 1));
    if (read.size() > 2) {
      read.remove(2);
    }
    int position = t > 2 ? t - 1 : t;
    int[] short0 = Arrays.copyOf(ends, read.size());
    Arrays.fill(short0, read.size() - 1);
    return new DefinedLookAhead(layers, LookAheadStepper.END).outputs(read, short0).get(position);
  }

  private static float[][] run(LookAheadStepper stepper, List<float[]> inputs) {
    List<float[]> outputs = new ArrayList<>();
    float[] kept = null;
    for (int t = 0; t < inputs.size(); t++) {
      Sequence sequence = new Sequence(kept, null);
      sequence.take(0, inputs.get(t));
      if (t == inputs.size() - 1) {
        sequence.decideAll();
      }
      stepper.run(1, new Sequence[] {sequence});
      outputs.addAll(List.of(sequence.decided()));
      kept = sequence.next();
    }
    return outputs.toArray(float[][]::new);
  }

  @Test
  void theEndsOfASequenceGiveOneOutput() {
    for (int round = 0; round < 40; round++) {
      List<Layer> layers = new ArrayList<>(layers(3, round % 3));
      int size = layers.isEmpty() ? 3 : layers.get(layers.size() - 1).outputSize();
      layers.add(bidirectional(size).ofTheEnds());
      BidirectionalNetwork network =
          (BidirectionalNetwork) LayerNetwork.of(null, layers, List.of(), null, KERNEL);
      List<float[]> inputs = List.of(vector(3), vector(3), vector(3), vector(3));
      float[][] outputs = run(network.lookAhead(false, LookAheadStepper.END, 1), inputs);
      int[] ends = {3, 3, 3, 3};
      List<float[]> expected =
          new DefinedLookAhead(layers, LookAheadStepper.END).outputs(inputs, ends);
      assertThat(outputs).hasDimensions(1, expected.get(0).length);
      assertThat(outputs[0]).isEqualTo(expected.get(0));
    }
  }

  /** A model of one prediction a sequence has none if a step overflows. */
  @Test
  void theEndsOfASequenceWithAStepThatOverflowsHaveNoOutput() {
    for (int bad = 0; bad < 3; bad++) {
      Bidirectional layer = bidirectional(3).ofTheEnds();
      BidirectionalNetwork network =
          (BidirectionalNetwork) LayerNetwork.of(null, List.of(layer), List.of(), null, KERNEL);
      List<float[]> all = new ArrayList<>(List.of(vector(3), vector(3)));
      all.add(bad, new float[] {Float.NaN, 1, 1});
      float[][] outputs = run(network.lookAhead(false, LookAheadStepper.END, 0), all);
      assertThat(outputs).hasDimensions(1, layer.outputSize());
      assertThat(outputs[0]).as("position " + bad).containsOnly(Float.NaN);
    }
  }

  /** A job may go on with another look ahead: each position has that of its decision. */
  @Test
  void theLookAheadMayChange() {
    List<Layer> layers = List.of(bidirectional(3));
    BidirectionalNetwork network =
        (BidirectionalNetwork) LayerNetwork.of(null, layers, List.of(), null, KERNEL);
    List<float[]> inputs = new ArrayList<>();
    List<float[]> outputs = new ArrayList<>();
    float[] kept = null;
    int[] looks = {3, 3, 3, 3, 3, 1, 1, 2, 2, 2, 0};
    int[] expectedLooks = {3, 3, 1, 1, 1, 1, 2, 2, 0, 0, 0};
    for (int look : looks) {
      Sequence sequence = new Sequence(kept, null);
      inputs.add(vector(3));
      sequence.take(0, inputs.get(inputs.size() - 1));
      network.lookAhead(false, look, 0).run(1, new Sequence[] {sequence});
      outputs.addAll(List.of(sequence.decided()));
      kept = sequence.next();
    }
    int[] ends = new int[inputs.size()];
    Arrays.fill(ends, inputs.size() - 1);
    assertThat(outputs).hasSameSizeAs(inputs);
    for (int t = 0; t < expectedLooks.length; t++) {
      DefinedLookAhead defined = new DefinedLookAhead(layers, expectedLooks[t]);
      assertThat(outputs.get(t)).isEqualTo(defined.outputs(inputs, ends).get(t));
    }
  }
}
