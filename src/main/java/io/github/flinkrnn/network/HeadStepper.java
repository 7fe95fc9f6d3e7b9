package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.layer.Layer;
import java.util.List;

/** Computes layers without a state. */
final class HeadStepper {
  private final Layer.Stepper[] steppers;
  private final float[][] outputs; // of all layers but the last
  private final Room[] outputsOfEach;

  HeadStepper(List<Layer> layers) {
    steppers = layers.stream().map(Layer::stepper).toArray(Layer.Stepper[]::new);
    outputs = new float[Math.max(0, steppers.length - 1)][];
    outputsOfEach = new Room[outputs.length];
    for (int l = 0; l < outputs.length; l++) {
      outputs[l] = new float[layers.get(l).outputSize()];
      outputsOfEach[l] = new Room(outputs[l].length);
    }
  }

  /**
   * @param from holds the input from {@code at}
   * @param to receives the output of the last layer; the input without layers
   */
  void run(float[] from, int at, float[] to) {
    if (steppers.length == 0) {
      System.arraycopy(from, at, to, 0, to.length);
      return;
    }
    float[] x = from;
    int xAt = at;
    for (int l = 0; l < steppers.length; l++) {
      float[] y = l < outputs.length ? outputs[l] : to;
      steppers[l].step(x, xAt, from, from, 0, y, 0); // the states are not used
      x = y;
      xAt = 0;
    }
  }

  /** The same for several inputs. */
  void runEach(int count, float[][] from, int at, float[][] to) {
    if (steppers.length == 0) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(from[i], at, to[i], 0, to[i].length);
      }
      return;
    }
    float[][] x = from;
    int xAt = at;
    for (int l = 0; l < steppers.length; l++) {
      float[][] y = l < outputs.length ? outputsOfEach[l].of(count) : to;
      steppers[l].stepEach(count, x, xAt, from, from, 0, y, 0);
      x = y;
      xAt = 0;
    }
  }
}
