package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A network whose x&lt;t&gt; is made of several fields. A step takes the slots of all fields, in
 * their order, and x&lt;t&gt; is their parts, concatenated in the same order.
 *
 * <p>If the bottom layer begins with a product Wx x&lt;t&gt; + b, x&lt;t&gt; is not made. The
 * columns of Wx belong to the parts, so the product is a sum: that of all numbers together with b,
 * and then, in the order of the fields, that of each category. The product of a category depends
 * only on its id, so those of all ids fit in a table, if it is not too large. The bits are the same
 * with and without a table.
 */
@Internal
public final class FieldsNetwork implements Network {
  /** The product of at most so many numbers is computed column by column. */
  private static final int FEW = 9;

  private final Network network;
  private final List<InputPart> parts;
  private final int slots;
  private final SplitProduct product; // null if x<t> is made

  /**
   * @param parts whose widths add up to the input of the network
   * @param mostBytes the maximum size of all tables
   */
  public FieldsNetwork(Network network, List<InputPart> parts, long mostBytes, Kernel kernel) {
    this.network = network;
    this.parts = List.copyOf(parts);
    slots = parts.stream().mapToInt(InputPart::slots).sum();
    int width = parts.stream().mapToInt(InputPart::width).sum();
    if (width != network.inputSize()) {
      throw new IllegalArgumentException(
          "expected parts of " + network.inputSize() + " numbers, found " + width);
    }
    Affine ofInput = network instanceof LayerChain chain ? chain.ofInput() : null;
    product = ofInput == null ? null : new SplitProduct(ofInput, parts, mostBytes, kernel);
  }

  /** The bytes that the products of the parts take at most, without tables: two copies of Wx. */
  public static long bytes(Network network) {
    if (network instanceof BidirectionalNetwork both) {
      return both.inputs().mapToLong(FieldsNetwork::bytes).sum();
    }
    Affine ofInput = network instanceof LayerChain chain ? chain.ofInput() : null;
    return ofInput == null ? 0 : 2 * Float.BYTES * ofInput.size();
  }

  @Override
  public int inputSize() {
    return slots;
  }

  @Override
  public int oneHotSize() {
    return network.oneHotSize();
  }

  @Override
  public int stateSize() {
    return network.stateSize();
  }

  @Override
  public int hiddenAt() {
    return network.hiddenAt();
  }

  @Override
  public int hiddenSize() {
    return network.hiddenSize();
  }

  @Override
  public int outputSize() {
    return network.outputSize();
  }

  @Override
  public int[] headSizes() {
    return network.headSizes();
  }

  @Override
  public float[] initialState() {
    return network.initialState();
  }

  @Override
  public boolean isFinite(float[] state) {
    return network.isFinite(state);
  }

  @Override
  public boolean hasLogitsOfAnyState() {
    return network.hasLogitsOfAnyState();
  }

  @Override
  public boolean stepsSeveral() {
    return network.stepsSeveral();
  }

  @Override
  public Description describe() {
    return network.describe().withTable(product == null ? 0 : product.tableBytes());
  }

  @Override
  public Stepper stepper() {
    return new FieldsStepper();
  }

  @Override
  public void close() {
    network.close();
  }

  /** The product of the bottom layer as a sum over the parts. */
  private static final class SplitProduct {
    private final float[] bias; // b
    private final Affine ofNumbers; // [rows × numbers], with b; null for few numbers
    private final float[][] columns; // of Wx, by number; null for many numbers
    private final int numbers;
    private final Affine[] ofCategory; // by part; null for numbers
    private final float[][]
        tables; // [categories × rows] by part; null for numbers and for no table
    private final List<InputPart> parts;

    SplitProduct(Affine ofInput, List<InputPart> parts, long mostBytes, Kernel kernel) {
      this.parts = parts;
      int rows = ofInput.rows();
      FMatrixRMaj all = new FMatrixRMaj(rows, ofInput.columns());
      float[] row = new float[ofInput.columns()];
      for (int r = 0; r < rows; r++) {
        ofInput.row(r, row, 0);
        System.arraycopy(row, 0, all.getData(), r * row.length, row.length);
      }
      float[] b = new float[rows];
      ofInput.apply(new float[ofInput.columns()], b); // W 0 + b
      numbers = parts.stream().filter(p -> p.categories() == 0).mapToInt(InputPart::width).sum();
      FMatrixRMaj dense = new FMatrixRMaj(rows, numbers);
      ofCategory = new Affine[parts.size()];
      tables = new float[parts.size()][];
      int from = 0;
      int to = 0;
      long left = mostBytes;
      for (int p = 0; p < ofCategory.length; p++) {
        InputPart part = parts.get(p);
        if (part.categories() == 0) {
          copy(all, from, part.width(), dense, to);
          to += part.width();
        } else {
          FMatrixRMaj own = new FMatrixRMaj(rows, part.width());
          copy(all, from, part.width(), own, 0);
          ofCategory[p] = kernel.affine(own, null);
          long bytes = (long) Float.BYTES * rows * part.categories();
          if (bytes <= left && bytes / Float.BYTES <= Integer.MAX_VALUE - 8) {
            left -= bytes;
            tables[p] = new float[rows * part.categories()];
            for (int id = 0; id < part.categories(); id++) {
              ofCategory(p, id, tables[p], id * rows);
            }
          }
        }
        from += part.width();
      }
      ofNumbers = numbers <= FEW ? null : kernel.affine(dense, b);
      columns = numbers <= FEW ? columns(dense) : null;
      bias = b;
    }

    private static float[][] columns(FMatrixRMaj dense) {
      float[][] columns = new float[dense.getNumCols()][dense.getNumRows()];
      for (int c = 0; c < columns.length; c++) {
        for (int r = 0; r < columns[c].length; r++) {
          columns[c][r] = dense.unsafe_get(r, c);
        }
      }
      return columns;
    }

    /**
     * The product of the numbers, with b. For few numbers, each column is added to all rows,
     * because a product has too little to do in each row.
     */
    void ofNumbers(float[] x, float[] sums) {
      if (columns == null) {
        ofNumbers.apply(x, sums);
      } else {
        addColumns(x, sums);
      }
    }

    /** The same for several x. */
    void ofNumbers(int count, float[][] x, float[][] sums) {
      if (columns == null) {
        ofNumbers.applyEach(count, x, 0, sums, 0);
        return;
      }
      for (int i = 0; i < count; i++) {
        addColumns(x[i], sums[i]);
      }
    }

    private void addColumns(float[] x, float[] sums) {
      float[] from = bias;
      int c = 0;
      for (; c + 2 < columns.length; c += 3) {
        addThree(from, columns[c], x[c], columns[c + 1], x[c + 1], columns[c + 2], x[c + 2], sums);
        from = sums;
      }
      for (; c < columns.length; c++) {
        addOne(from, columns[c], x[c], sums);
        from = sums;
      }
      if (columns.length == 0) {
        System.arraycopy(bias, 0, sums, 0, sums.length);
      }
    }

    // The loops are short and in methods of their own, so that the JIT compiler uses vectors.

    private static void addThree(
        float[] from, float[] a, float x, float[] b, float y, float[] c, float z, float[] sums) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Math.fma(c[i], z, Math.fma(b[i], y, Math.fma(a[i], x, from[i])));
      }
    }

    private static void addOne(float[] from, float[] a, float x, float[] sums) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Math.fma(a[i], x, from[i]);
      }
    }

    static void add(float[] table, int at, float[] sums) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += table[at + i];
      }
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

    private void ofCategory(int p, int id, float[] sums, int at) {
      FMatrixRMaj embedding = parts.get(p).embedding();
      if (embedding == null) {
        ofCategory[p].applyOneHot(id, sums, at);
      } else {
        ofCategory[p].apply(embedding.getData(), id * embedding.getNumCols(), sums, at);
      }
    }

    long tableBytes() {
      long bytes = 0;
      for (float[] table : tables) {
        bytes += table == null ? 0 : (long) Float.BYTES * table.length;
      }
      return bytes;
    }
  }

  /** Takes steps. A step allocates nothing. */
  private final class FieldsStepper implements SplitStepper {
    private final Stepper stepper = network.stepper();
    private final InputPart[] all = parts.toArray(InputPart[]::new);
    // x<t>, or only its numbers where the product is a sum
    private final float[] numbers =
        new float[product == null ? network.inputSize() : product.numbers];
    private final float[] sums = new float[product == null ? 0 : product.bias.length];
    private final float[] added = new float[sums.length];
    private final Room numbersOfEach = new Room(numbers.length);
    private final Room sumsOfEach = new Room(sums.length);

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      if (product == null) {
        concatenate(x, numbers);
        stepper.step(numbers, previous, next);
        return;
      }
      numbers(x, numbers);
      product.ofNumbers(numbers, sums);
      addCategories(x, sums);
      ((LayerChain.ChainStepper) stepper).stepFrom(sums, previous, next);
    }

    @Override
    public void stepEach(int count, float[][] x, float[][] previous, float[][] next) {
      if (product == null) {
        float[][] each = numbersOfEach.of(count);
        for (int i = 0; i < count; i++) {
          concatenate(x[i], each[i]);
        }
        stepper.stepEach(count, each, previous, next);
        return;
      }
      float[][] products = sumsOfEach.of(count);
      products(count, x, products);
      stepEachFrom(count, products, previous, next);
    }

    @Override
    public int productSize() {
      return sums.length;
    }

    @Override
    public void products(int count, float[][] x, float[][] products) {
      float[][] each = numbersOfEach.of(count);
      for (int i = 0; i < count; i++) {
        numbers(x[i], each[i]);
      }
      product.ofNumbers(count, each, products);
      for (int i = 0; i < count; i++) {
        addCategories(x[i], products[i]);
      }
    }

    @Override
    public void products(int count, int[] words, float[][] products) {
      throw new UnsupportedOperationException("expected a step with fields");
    }

    @Override
    public void stepEachFrom(int count, float[][] products, float[][] previous, float[][] next) {
      ((LayerChain.ChainStepper) stepper).stepEachFrom(count, products, previous, next);
    }

    @Override
    public void stepEachFromZero(int count, float[][] products, float[][] zeros, float[][] next) {
      ((LayerChain.ChainStepper) stepper).stepEachFromZero(count, products, zeros, next);
    }

    private void numbers(float[] x, float[] numbers) {
      int at = 0;
      int to = 0;
      for (InputPart part : all) {
        if (part.categories() == 0) {
          part.numbers(x, at, numbers, to);
          to += part.width();
        }
        at += part.slots();
      }
    }

    private void addCategories(float[] x, float[] sums) {
      int at = 0;
      for (int p = 0; p < all.length; p++) {
        if (all[p].categories() > 0) {
          add(p, all[p].category(x, at), sums);
        }
        at += all[p].slots();
      }
    }

    private void add(int p, int id, float[] sums) {
      float[] table = product.tables[p];
      int at = id * sums.length;
      if (table == null) {
        product.ofCategory(p, id, added, 0);
        table = added;
        at = 0;
      }
      SplitProduct.add(table, at, sums);
    }

    private void concatenate(float[] x, float[] numbers) {
      int at = 0;
      int to = 0;
      for (InputPart part : all) {
        int width = part.width();
        if (part.categories() == 0) {
          part.numbers(x, at, numbers, to);
        } else if (part.embedding() == null) {
          Arrays.fill(numbers, to, to + width, 0);
          numbers[to + part.category(x, at)] = 1;
        } else {
          int row = part.category(x, at) * width;
          System.arraycopy(part.embedding().getData(), row, numbers, to, width);
        }
        at += part.slots();
        to += width;
      }
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      throw new UnsupportedOperationException("expected a step with fields");
    }

    @Override
    public void logitsEach(int count, float[][] states, float[][][] heads) {
      stepper.logitsEach(count, states, heads);
    }

    @Override
    public void logits(float[] state, float[] logits) {
      stepper.logits(state, logits);
    }

    @Override
    public void logits(float[] state, float[][] heads) {
      stepper.logits(state, heads);
    }

    @Override
    public void close() {
      stepper.close();
    }
  }
}
