package io.github.flinkrnn.operator;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A bidirectional model in a simulation, and its outputs by their definition: each position on its
 * own, from one-directional models of its cells. One model has a layer and takes words. The other
 * has two layers above a convolution, two heads, and takes fields.
 */
final class SimulatedFuture {
  private static final int UNITS = 3;
  private static final int CONVOLVED = 5;

  private final RnnStepper below; // null for none
  private final float[] belowStart;
  private final List<RnnStepper> forward = new ArrayList<>();
  private final List<RnnStepper> backward = new ArrayList<>();
  private final boolean ofWords;

  /** Writes the model of words, or that of fields, and reads the models of its cells. */
  SimulatedFuture(Path directory, boolean ofWords) throws IOException {
    this.ofWords = ofWords;
    Random random = new Random(ofWords ? 6 : 7);
    SafeTensorsFile all = new SafeTensorsFile();
    int inputs = ofWords ? 4 : CONVOLVED;
    float[] conv = drawn(random, CONVOLVED * 12 * 2);
    for (int l = 0; l < (ofWords ? 1 : 2); l++) {
      for (String reverse : new String[] {"", "_reverse"}) {
        float[] ih = drawn(random, 3 * UNITS * inputs);
        float[] hh = drawn(random, 3 * UNITS * UNITS);
        all.f32("gru.weight_ih_l" + l + reverse, new int[] {3 * UNITS, inputs}, ih);
        all.f32("gru.weight_hh_l" + l + reverse, new int[] {3 * UNITS, UNITS}, hh);
        Path cell = Files.createDirectories(directory.resolve("cell-" + l + reverse));
        boolean isWord = ofWords && l == 0;
        ModelDirectory of = ModelDirectory.in(cell);
        if (isWord) {
          of.write("vocab.txt", "the\ncat\nsat\ndown\n");
        }
        of.safetensors(
                new SafeTensorsFile()
                    .f32("gru.weight_ih_l0", new int[] {3 * UNITS, inputs}, ih)
                    .f32("gru.weight_hh_l0", new int[] {3 * UNITS, UNITS}, hh)
                    .f32("fc.weight", new int[] {2, UNITS}, drawn(random, 2 * UNITS)))
            .config(isWord ? "{'input': {'type': 'vocabulary'}}" : "{}");
        (reverse.isEmpty() ? forward : backward).add(RnnModel.load(cell).stepper());
      }
      inputs = 2 * UNITS;
    }
    if (ofWords) {
      below = null;
      belowStart = null;
      all.f32("fc.weight", new int[] {4, 2 * UNITS}, drawn(random, 8 * UNITS));
      ModelDirectory.in(directory)
          .write("vocab.txt", "the\ncat\nsat\ndown\n")
          .safetensors(all)
          .config(
              "{'input': {'type': 'vocabulary'},"
                  + " 'output': {'labels': ['the', 'cat', 'sat', 'down']}}");
      return;
    }
    float[] word = drawn(random, 12);
    Path convolution = Files.createDirectories(directory.resolve("convolution"));
    ModelDirectory.in(convolution)
        .write("words.txt", "the\ncat\nsat\ndown\n")
        .safetensors(
            new SafeTensorsFile()
                .f32("word.weight", new int[] {4, 3}, word)
                .f32("conv.weight", new int[] {CONVOLVED, 12, 2}, conv)
                .f32("fc.weight", new int[] {2, CONVOLVED}, drawn(random, 2 * CONVOLVED)))
        .config("{" + SimulatedFields.INPUT + ", 'layers': ['conv', 'relu', 'fc']}");
    RnnModel ofConvolution = RnnModel.load(convolution);
    below = ofConvolution.stepper();
    belowStart = ofConvolution.initialState();
    all.f32("word.weight", new int[] {4, 3}, word)
        .f32("conv.weight", new int[] {CONVOLVED, 12, 2}, conv)
        .f32("fc.weight", new int[] {4, 2 * UNITS}, drawn(random, 8 * UNITS))
        .f32("rest.weight", new int[] {2, 2 * UNITS}, drawn(random, 4 * UNITS));
    ModelDirectory.in(directory)
        .write("words.txt", "the\ncat\nsat\ndown\n")
        .safetensors(all)
        .config(
            "{"
                + SimulatedFields.INPUT
                + ", 'layers': ['conv', 'relu', 'gru'], "
                + SimulatedFields.HEADS
                + "}");
  }

  private static float[] drawn(Random random, int n) {
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = (float) random.nextGaussian() / 2;
    }
    return numbers;
  }

  /** The number of layers that look ahead. */
  int layers() {
    return forward.size();
  }

  /**
   * The outputs of the top layer for all positions.
   *
   * @param inputs x&lt;t&gt; of the sequence so far, of a word its id
   * @param ends for each position, the last one that it may depend on
   */
  List<float[]> outputs(List<float[]> inputs, int[] ends, int look) {
    List<float[]> outputs = inputs;
    if (below != null) {
      outputs = states(below, belowStart, inputs, false);
      for (float[] vector : outputs) {
        for (int i = 0; i < vector.length; i++) {
          vector[i] = Math.max(0, vector[i]); // relu
        }
      }
    }
    for (int l = 0; l < forward.size(); l++) {
      boolean areWords = ofWords && l == 0;
      List<float[]> from = states(forward.get(l), new float[UNITS], outputs, areWords);
      List<float[]> joined = new ArrayList<>();
      for (int t = 0; t < inputs.size(); t++) {
        List<float[]> future = new ArrayList<>();
        for (long p = Math.min((long) t + look, ends[t]); p >= t; p--) {
          future.add(outputs.get((int) p));
        }
        float[] back =
            states(backward.get(l), new float[UNITS], future, areWords).get(future.size() - 1);
        float[] both = Arrays.copyOf(from.get(t), 2 * UNITS);
        System.arraycopy(back, 0, both, UNITS, UNITS);
        joined.add(both);
      }
      outputs = joined;
    }
    return outputs;
  }

  private static List<float[]> states(
      RnnStepper stepper, float[] start, List<float[]> inputs, boolean areWords) {
    float[] state = start;
    List<float[]> outputs = new ArrayList<>();
    for (float[] x : inputs) {
      float[] next = new float[state.length];
      if (areWords) {
        stepper.step((int) x[0], state, next);
      } else {
        stepper.stepRead(x, state, next);
      }
      state = next;
      outputs.add(stepper.hidden(state));
    }
    return outputs;
  }
}
