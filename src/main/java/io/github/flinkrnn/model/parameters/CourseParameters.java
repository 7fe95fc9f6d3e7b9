package io.github.flinkrnn.model.parameters;

import io.github.flinkrnn.cell.Activation;
import io.github.flinkrnn.cell.ElmanCell;
import io.github.flinkrnn.config.ConfigJson;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.Dense;
import io.github.flinkrnn.model.ModelFiles;
import io.github.flinkrnn.model.Network;
import io.github.flinkrnn.model.OutputEnd;
import io.github.flinkrnn.model.Part;
import io.github.flinkrnn.model.Tensor;
import java.io.IOException;
import java.util.List;
import org.ejml.data.FMatrixRMaj;
import tools.jackson.databind.JsonNode;

/**
 * {@code parameters.json}: one cell in the letters of the equation a&lt;t&gt; = g(Waa a&lt;t-1&gt;
 * + Wax x&lt;t&gt; + ba), y&lt;t&gt; = g(Wya a&lt;t&gt; + by), each a nested array. A bias is a
 * list of n numbers or a column of n rows, and may be absent.
 */
public final class CourseParameters {
  private static final int MAX_BYTES = 64 << 20;
  private static final List<String> NAMES = List.of("Waa", "Wax", "Wya", "ba", "by");

  private final String file;
  private final JsonNode root;

  private CourseParameters(String file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  public static Network read(ModelFiles files, String name, Activation g, Kernel kernel)
      throws IOException {
    String file = files.path(name);
    JsonNode root = ConfigJson.parse(file, "", files.read(name, MAX_BYTES));
    return new CourseParameters(file, root).network(g, kernel);
  }

  private Network network(Activation g, Kernel kernel) {
    if (!root.isObject()) {
      throw new InvalidFileException(file, "", "expected an object with Waa, Wax, Wya, ba and by");
    }
    for (String name : root.propertyNames()) {
      if (!NAMES.contains(name)) {
        String problem = "is not a parameter" + Nearest.hint(name, NAMES);
        throw new InvalidFileException(
            file, name, problem + "; expected " + String.join(", ", NAMES));
      }
    }
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
        root.propertyNames().stream().map(name -> new Part(name, "parameters.json")).toList();
    List<Dense> head = List.of(new Dense(wya, by, Activation.IDENTITY));
    return Network.of(
        List.of(cell), null, head, null, OutputEnd.UNKNOWN, parameters, parts, kernel);
  }

  private FMatrixRMaj matrix(String name) {
    JsonNode rows = root.path(name);
    if (!rows.isArray() || rows.isEmpty() || !rows.get(0).isArray() || rows.get(0).isEmpty()) {
      throw new InvalidFileException(file, name, "expected a list of rows of numbers");
    }
    int columns = rows.get(0).size();
    FMatrixRMaj matrix = new FMatrixRMaj(rows.size(), columns);
    for (int row = 0; row < rows.size(); row++) {
      if (!rows.get(row).isArray() || rows.get(row).size() != columns) {
        throw new InvalidFileException(
            file, name + "[" + row + "]", "expected " + columns + " numbers, as in the row before");
      }
      for (int column = 0; column < columns; column++) {
        matrix.set(row, column, number(name, row, rows.get(row).get(column)));
      }
    }
    return matrix;
  }

  private float[] vector(String name, int length) {
    JsonNode elements = root.path(name);
    if (elements.isMissingNode()) {
      return null;
    }
    if (!elements.isArray() || elements.size() != length) {
      throw new InvalidFileException(file, name, "expected " + length + " numbers");
    }
    float[] vector = new float[length];
    for (int i = 0; i < length; i++) {
      JsonNode element = elements.get(i);
      boolean column = element.isArray() && element.size() == 1;
      vector[i] = number(name, i, column ? element.get(0) : element);
    }
    return vector;
  }

  private float number(String name, int row, JsonNode node) {
    float number = node.isNumber() ? (float) Double.parseDouble(node.asString()) : Float.NaN;
    if (!Float.isFinite(number)) {
      throw new InvalidFileException(
          file, name + "[" + row + "]", "expected finite float32 numbers");
    }
    return number;
  }

  private void expect(String name, FMatrixRMaj matrix, int rows, int columns) {
    if (matrix.getNumRows() != rows || matrix.getNumCols() != columns) {
      String found = Tensor.shapeText(matrix.getNumRows(), matrix.getNumCols());
      throw new InvalidFileException(
          file, name, "is " + found + ", expected " + Tensor.shapeText(rows, columns));
    }
  }
}
