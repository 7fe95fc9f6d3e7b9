package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A network whose x&lt;t&gt; is made of several fields. A step takes the slots of all fields, in
 * their order, and x&lt;t&gt; is their parts, concatenated in the same order.
 *
 * <p>If the bottom layer begins with a product Wx x&lt;t&gt; + b, x&lt;t&gt; is not made: see
 * {@link FieldsProduct}.
 */
@Internal
public final class FieldsNetwork implements Network {
  private final Network network;
  private final List<InputPart> parts;
  private final int slots;
  private final FieldsProduct product; // null if x<t> is made

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
    product = ofInput == null ? null : new FieldsProduct(ofInput, parts, mostBytes, kernel);
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

  /** Takes steps. A step allocates nothing. */
  private final class FieldsStepper implements SplitStepper {
    private final Stepper stepper = network.stepper();
    private final InputPart[] all = parts.toArray(InputPart[]::new);
    private final FieldsProduct.Sum sum = product == null ? null : product.sum();
    private final float[] whole = new float[product == null ? network.inputSize() : 0]; // x<t>
    private final float[] products = new float[product == null ? 0 : product.rows()];
    private final Room wholeOfEach = new Room(whole.length);
    private final Room productsOfEach = new Room(products.length);

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      if (product == null) {
        concatenate(x, whole);
        stepper.step(whole, previous, next);
        return;
      }
      sum.of(x, products);
      ((LayerChain.ChainStepper) stepper).stepFrom(products, previous, next);
    }

    @Override
    public void stepEach(int count, float[][] x, float[][] previous, float[][] next) {
      if (product == null) {
        float[][] each = wholeOfEach.of(count);
        for (int i = 0; i < count; i++) {
          concatenate(x[i], each[i]);
        }
        stepper.stepEach(count, each, previous, next);
        return;
      }
      float[][] each = productsOfEach.of(count);
      products(count, x, each);
      stepEachFrom(count, each, previous, next);
    }

    @Override
    public int productSize() {
      return products.length;
    }

    @Override
    public void products(int count, float[][] x, float[][] products) {
      sum.of(count, x, products);
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

    private void concatenate(float[] x, float[] into) {
      int at = 0;
      int to = 0;
      for (InputPart part : all) {
        int width = part.width();
        if (part.categories() == 0) {
          part.numbers(x, at, into, to);
        } else if (part.embedding() == null) {
          Arrays.fill(into, to, to + width, 0);
          into[to + part.category(x, at)] = 1;
        } else {
          int row = part.category(x, at) * width;
          System.arraycopy(part.embedding().getData(), row, into, to, width);
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
