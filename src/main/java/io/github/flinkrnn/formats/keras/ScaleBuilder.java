package io.github.flinkrnn.formats.keras;

import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.layer.Layer;
import io.github.flinkrnn.layer.Ramp;
import io.github.flinkrnn.layer.ScaleShift;
import java.util.Arrays;
import java.util.List;

/** Builds the layers that scale each number: Normalization, Rescaling, PReLU, and constants. */
final class ScaleBuilder {
  // Keras divides by at least this.
  private static final double LEAST_DEVIATION = 1e-7;
  private static final int MOST_SHOWN = 8;

  private final LayerBuilder layers;
  private final Weights weights;

  ScaleBuilder(LayerBuilder layers, Weights weights) {
    this.layers = layers;
    this.weights = weights;
  }

  Layer slopes(LayerSpec spec, int in) {
    String path = layers.expectPaths(spec, 1).get(0);
    int[] shape = weights.shape(path);
    int n = LayerBuilder.inputs(in, shape, shape.length - 1);
    // With an axis of steps, [1 × n].
    Tensor slopes = layers.read(spec, path, shape.length == 2 ? new int[] {1, n} : new int[] {n});
    Layer layer = new Ramp(n, slopes.data(), 0, Float.POSITIVE_INFINITY);
    layers.part("activation", ", a slope for each number", layer, slopes);
    return layer;
  }

  Layer standardize(LayerSpec spec, LayerSpec.Standardize layer, int in) {
    double[] mean = layer.mean();
    double[] variance = layer.variance();
    Tensor[] tensors = {};
    String where = spec.place() + ".variance";
    if (mean == null) {
      List<String> paths = weights.paths(spec);
      if (paths.size() != 2 && paths.size() != 3) {
        throw layers.expected(spec, 3, paths);
      }
      if (paths.size() == 3) {
        weights.ignore(paths.get(2), spec.source()); // how many numbers the layer has seen
      }
      int[] shape = weights.shape(paths.get(0));
      tensors =
          new Tensor[] {
            layers.read(spec, paths.get(0), ofSize(shape, in)),
            layers.read(spec, paths.get(1), ofSize(shape, in))
          };
      mean = doubles(tensors[0].data());
      variance = doubles(tensors[1].data());
      where = Hdf5File.place(paths.get(1));
    }
    int n = in == 0 ? Math.max(mean.length, variance.length) : in;
    if (n == 0) {
      throw layers.invalid(spec, "expected at least one number, found none");
    }
    expectLength(spec, "mean", mean, n);
    expectLength(spec, "variance", variance, n);
    double[] scale = new double[Math.max(mean.length, variance.length)];
    double[] shift = new double[scale.length];
    for (int i = 0; i < scale.length; i++) {
      double of = variance[variance.length == 1 ? 0 : i];
      if (of < 0) {
        throw layers.invalidAt(where, "expected variances from 0, found " + of);
      }
      double m = mean[mean.length == 1 ? 0 : i];
      double deviation = Math.max(Math.sqrt(of), LEAST_DEVIATION);
      scale[i] = layer.invert() ? deviation : 1 / deviation;
      shift[i] = layer.invert() ? m : -m / deviation;
      if (!Float.isFinite((float) shift[i])) {
        throw layers.invalidAt(
            where, "expected variances whose quotients are finite float32 numbers");
      }
    }
    ScaleShift made = new ScaleShift(n, scale, shift);
    String how = layer.invert() ? "x · deviation + mean" : "(x - mean) / deviation";
    layers.part("scale", (tensors.length == 0 ? "" : ", ") + how, made, tensors);
    return made;
  }

  private static int[] ofSize(int[] shape, int in) {
    return shape.length == 0 || (shape.length == 1 && in == 0) ? shape : new int[] {in};
  }

  Layer scale(LayerSpec spec, LayerSpec.Scale layer, int in) {
    int n = in == 0 ? Math.max(layer.scale().length, layer.shift().length) : in;
    if (in == 0 && n == 1) {
      layers.expectKnown(spec, in);
    }
    expectLength(spec, "scale", layer.scale(), n);
    expectLength(spec, "offset", layer.shift(), n);
    for (double[] numbers : new double[][] {layer.scale(), layer.shift()}) {
      for (double number : numbers) {
        if (!Float.isFinite((float) number)) {
          throw layers.invalid(spec, "expected finite float32 numbers, found " + number);
        }
      }
    }
    ScaleShift made = new ScaleShift(n, layer.scale(), layer.shift());
    String what = "x · " + shown(layer.scale()) + " + " + shown(layer.shift());
    layers.part("scale", what, made);
    return made;
  }

  private static String shown(double[] numbers) {
    return numbers.length == 1
        ? Double.toString(numbers[0])
        : numbers.length <= MOST_SHOWN
            ? Arrays.toString(numbers)
            : "[" + numbers.length + " numbers]";
  }

  private void expectLength(LayerSpec spec, String field, double[] numbers, int n) {
    if (numbers.length != 1 && numbers.length != n) {
      throw layers.invalid(
          spec, field + ": expected one number or " + n + ", found " + numbers.length);
    }
  }

  private static double[] doubles(float[] numbers) {
    double[] doubles = new double[numbers.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = numbers[i];
    }
    return doubles;
  }
}
