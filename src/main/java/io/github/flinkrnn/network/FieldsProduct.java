package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.ArrayList;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * The product Wx x&lt;t&gt; + b of the bottom layer for an x&lt;t&gt; of several parts. The columns
 * of Wx belong to the parts, so the product is a sum: that of all numbers together with b, and
 * then, in the order of the fields, that of each category. The product of a category depends only
 * on its id, so those of all ids fit in a table, if it is not too large. The bits are the same with
 * and without a table. Immutable.
 */
final class FieldsProduct {
  /** The product of at most so many numbers is computed column by column. */
  private static final int FEW = 9;

  private final Kernel kernel;
  private final float[] bias; // b
  private final Affine ofNumbers; // [rows × numbers], with b; null for few numbers
  private final float[] columns; // of the numbers in Wx, one after the other; empty for many
  private final int width; // of all numbers
  private final Numbers[] numbers;
  private final Category[] categories;

  /**
   * @param at the first slot
   * @param to the first of its numbers among all numbers
   */
  private record Numbers(InputPart part, int at, int to) {}

  /**
   * @param at the slot
   * @param product its columns of Wx
   * @param table the products of all ids, [ids × rows]; null for none
   */
  private record Category(InputPart part, int at, Affine product, float[] table) {
    void product(int id, float[] sums, int sumsAt) {
      FMatrixRMaj embedding = part.embedding();
      if (embedding == null) {
        product.applyOneHot(id, sums, sumsAt);
      } else {
        product.apply(embedding.getData(), id * embedding.getNumCols(), sums, sumsAt);
      }
    }
  }

  /**
   * @param ofInput Wx and b
   * @param parts whose widths add up to the columns
   * @param mostBytes the maximum size of all tables
   */
  FieldsProduct(Affine ofInput, List<InputPart> parts, long mostBytes, Kernel kernel) {
    this.kernel = kernel;
    int rows = ofInput.rows();
    FMatrixRMaj all = new FMatrixRMaj(rows, ofInput.columns());
    float[] row = new float[ofInput.columns()];
    for (int r = 0; r < rows; r++) {
      ofInput.row(r, row, 0);
      System.arraycopy(row, 0, all.getData(), r * row.length, row.length);
    }
    bias = new float[rows];
    ofInput.apply(new float[ofInput.columns()], bias); // W 0 + b
    width = parts.stream().filter(p -> p.categories() == 0).mapToInt(InputPart::width).sum();
    FMatrixRMaj dense = new FMatrixRMaj(rows, width);
    List<Numbers> ofRecord = new ArrayList<>();
    List<Category> ofIds = new ArrayList<>();
    int at = 0;
    int from = 0;
    int to = 0;
    long left = mostBytes;
    for (InputPart part : parts) {
      if (part.categories() == 0) {
        copy(all, from, part.width(), dense, to);
        ofRecord.add(new Numbers(part, at, to));
        to += part.width();
      } else {
        FMatrixRMaj own = new FMatrixRMaj(rows, part.width());
        copy(all, from, part.width(), own, 0);
        Category category = new Category(part, at, kernel.affine(own, null), null);
        long bytes = (long) Float.BYTES * rows * part.categories();
        if (bytes <= left && bytes / Float.BYTES <= Integer.MAX_VALUE - 8) {
          left -= bytes;
          category = withTable(category, rows);
        }
        ofIds.add(category);
      }
      at += part.slots();
      from += part.width();
    }
    numbers = ofRecord.toArray(Numbers[]::new);
    categories = ofIds.toArray(Category[]::new);
    ofNumbers = width <= FEW ? null : kernel.affine(dense, bias);
    columns = width <= FEW ? columns(dense) : new float[0];
  }

  private static Category withTable(Category category, int rows) {
    float[] table = new float[rows * category.part.categories()];
    for (int id = 0; id < category.part.categories(); id++) {
      category.product(id, table, id * rows);
    }
    return new Category(category.part, category.at, category.product, table);
  }

  private static float[] columns(FMatrixRMaj dense) {
    int rows = dense.getNumRows();
    float[] columns = new float[dense.getNumCols() * rows];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = dense.unsafe_get(i % rows, i / rows);
    }
    return columns;
  }

  private static void copy(FMatrixRMaj all, int from, int width, FMatrixRMaj into, int to) {
    for (int r = 0; r < all.getNumRows(); r++) {
      System.arraycopy(
          all.getData(),
          r * all.getNumCols() + from,
          into.getData(),
          r * into.getNumCols() + to,
          width);
    }
  }

  /** The length of the product. */
  int rows() {
    return bias.length;
  }

  /** The size of all tables. */
  long tableBytes() {
    long bytes = 0;
    for (Category category : categories) {
      bytes += category.table == null ? 0 : (long) Float.BYTES * category.table.length;
    }
    return bytes;
  }

  /** New working memory for sums. */
  Sum sum() {
    return new Sum();
  }

  /** Computes products. Allocates nothing. Not thread-safe. */
  final class Sum {
    private static final float[] NONE = {};

    private final float[] own = new float[width];
    private final Room each = new Room(ofNumbers == null ? 0 : width);
    private final float[][] rows; // the table of each category, or the product of its id
    private final int[] rowAt; // where the product begins there

    private Sum() {
      rows = new float[categories.length][];
      rowAt = new int[categories.length];
      for (int c = 0; c < rows.length; c++) {
        float[] table = categories[c].table;
        rows[c] = table == null ? new float[bias.length] : table;
      }
    }

    /** The product of the slots of a token. */
    void of(float[] x, float[] product) {
      numbers(x, own);
      categories(x);
      if (ofNumbers == null) {
        kernel.sum(bias, columns, own, rows, rowAt, product);
      } else {
        ofNumbers.apply(own, product);
        kernel.sum(product, columns, NONE, rows, rowAt, product);
      }
    }

    /** The products of several tokens. */
    void of(int count, float[][] x, float[][] products) {
      if (ofNumbers == null) {
        for (int i = 0; i < count; i++) {
          of(x[i], products[i]);
        }
        return;
      }
      float[][] numbersOfEach = each.of(count);
      for (int i = 0; i < count; i++) {
        numbers(x[i], numbersOfEach[i]);
      }
      ofNumbers.applyEach(count, numbersOfEach, 0, products, 0);
      for (int i = 0; i < count; i++) {
        categories(x[i]);
        kernel.sum(products[i], columns, NONE, rows, rowAt, products[i]);
      }
    }

    private void numbers(float[] x, float[] into) {
      for (Numbers each : numbers) {
        each.part.numbers(x, each.at, into, each.to);
      }
    }

    private void categories(float[] x) {
      for (int c = 0; c < rows.length; c++) {
        Category category = categories[c];
        int id = category.part.category(x, category.at);
        if (category.table == null) {
          category.product(id, rows[c], 0);
        } else {
          rowAt[c] = id * bias.length;
        }
      }
    }
  }
}
