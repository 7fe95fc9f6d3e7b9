package io.github.flinkrnn.formats.parameters;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadedNetwork;
import io.github.flinkrnn.formats.LoadedNetwork.OutputEnd;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.ElmanCell;
import io.github.flinkrnn.layer.Linear;
import io.github.flinkrnn.network.LayerChain;
import io.github.flinkrnn.network.Part;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * {@code parameters.json}: one cell in the notation of the equation a&lt;t&gt; = g(Waa a&lt;t-1&gt;
 * + Wax x&lt;t&gt; + ba), y&lt;t&gt; = g(Wya a&lt;t&gt; + by). Each matrix is a nested array. A
 * bias is an array of n numbers or a column of n rows, and is optional.
 */
@Internal
public final class CourseParameters {
  private static final int MAX_BYTES = 64 << 20;
  private static final List<String> NAMES = List.of("Waa", "Wax", "Wya", "ba", "by");

  private final String file;
  private final Map<String, ParametersJson.Array> arrays;

  private CourseParameters(String file, Map<String, ParametersJson.Array> arrays) {
    this.file = file;
    this.arrays = arrays;
  }

  /**
   * Reads the file, and {@code nonlinearity} from config.json.
   *
   * @throws InvalidFileException when the arrays do not form such a network
   */
  public static LoadedNetwork read(WeightsFile weights, NetworkConfig config) throws IOException {
    String file = weights.path();
    if (!config.type().orElse("rnn").equals("rnn")) {
      throw new InvalidFileException(
          config.file(),
          "model_type",
          "expected rnn for parameters.json, found " + config.type().get());
    }
    byte[] json = weights.files().read(weights.name(), MAX_BYTES);
    weights.memory().take(file, json.length);
    return new CourseParameters(file, ParametersJson.read(file, json, NAMES, weights.memory()))
        .network(config.nonlinearity().orElse(Activation.TANH), weights.kernel());
  }

  private LoadedNetwork network(Activation g, Kernel kernel) {
    FMatrixRMaj waa = matrix("Waa");
    int nA = waa.getNumRows();
    expect("Waa", waa, nA, nA);
    FMatrixRMaj wax = matrix("Wax");
    expect("Wax", wax, nA, wax.getNumCols());
    FMatrixRMaj wya = matrix("Wya");
    expect("Wya", wya, wya.getNumRows(), nA);
    float[] ba = vector("ba", nA);
    float[] by = vector("by", wya.getNumRows());
    long parameters =
        (long) waa.getNumElements()
            + wax.getNumElements()
            + wya.getNumElements()
            + (ba == null ? 0 : ba.length)
            + (by == null ? 0 : by.length);
    ElmanCell cell = new ElmanCell(g, waa, wax, ba, kernel);
    List<Part> parts =
        arrays.keySet().stream().map(name -> new Part(name, "parameters.json")).toList();
    Linear head = new Linear(wya, by, Activation.IDENTITY, kernel);
    LayerChain chain = new LayerChain(null, List.of(cell), List.of(head), null, kernel);
    return new LoadedNetwork(chain, OutputEnd.UNKNOWN, parameters, parts);
  }

  private FMatrixRMaj matrix(String name) {
    ParametersJson.Array array = arrays.get(name);
    if (array == null || array.columns() == 0) {
      String missing = array == null ? "missing: " : "";
      throw new InvalidFileException(file, name, missing + "expected an array of rows of numbers");
    }
    int rows = array.numbers().length / array.columns();
    return FMatrixRMaj.wrap(rows, array.columns(), array.numbers());
  }

  private float[] vector(String name, int length) {
    ParametersJson.Array array = arrays.get(name);
    if (array == null) {
      return null;
    }
    if (array.columns() > 1 || array.numbers().length != length) {
      throw new InvalidFileException(file, name, "expected " + length + " numbers");
    }
    return array.numbers();
  }

  private void expect(String name, FMatrixRMaj matrix, int rows, int columns) {
    if (matrix.getNumRows() != rows || matrix.getNumCols() != columns) {
      String found = Tensor.shapeText(matrix.getNumRows(), matrix.getNumCols());
      throw new InvalidFileException(
          file, name, "expected " + Tensor.shapeText(rows, columns) + ", found " + found);
    }
  }
}
