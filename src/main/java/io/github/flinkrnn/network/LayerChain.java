package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.layer.KeptOutput;
import io.github.flinkrnn.layer.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A network of built-in layers: input ► layers ► head. The input of each layer is the output of the
 * layer below. The state is the concatenated states of the layers, bottom first.
 */
@Internal
public final class LayerChain implements LayerNetwork {
  private final FMatrixRMaj embedding; // [words × n_x]; null for features, one-hot, or with a table
  private final InputTable table; // null for none
  private final List<Layer> layers;
  private final Heads heads;
  private final float[] initial; // null for zeros
  private final int oneHotSize; // length of one-hot vectors, if words come; 0 with an embedding
  private final int stateSize;
  private final String kernel;

  /**
   * @param embedding E, [words × n_x], or null for features and one-hot words
   * @param layers from x&lt;t&gt; to a&lt;t&gt;, bottom first; the last one keeps its output
   * @param head from a&lt;t&gt; to the logits, none with a state; empty if a&lt;t&gt; is the
   *     logits. If there are several heads, the layers that they share
   * @param heads the layers of each head above {@code head}; empty for one head
   * @param initial the state of all layers before the first token; null for zeros
   * @param kernel the kernel of the layers
   */
  public LayerChain(
      FMatrixRMaj embedding,
      List<? extends Layer> layers,
      List<? extends Layer> head,
      List<? extends List<? extends Layer>> heads,
      float[] initial,
      Kernel kernel) {
    this.embedding = embedding;
    this.table = null;
    this.layers = List.copyOf(layers);
    this.heads = new Heads(hiddenSize(), head, heads);
    this.initial = initial;
    this.oneHotSize = embedding == null ? inputSize() : 0;
    this.stateSize = layers.stream().mapToInt(Layer::stateSize).sum();
    this.kernel = kernel.name();
    if (!top().keepsOutput()) {
      throw new IllegalArgumentException("expected a state that ends with the input of the head");
    }
  }

  /** A chain with one head. */
  public LayerChain(
      FMatrixRMaj embedding,
      List<? extends Layer> layers,
      List<? extends Layer> head,
      float[] initial,
      Kernel kernel) {
    this(embedding, layers, head, List.of(), initial, kernel);
  }

  /**
   * A chain of any layers, from x&lt;t&gt; to the logits. a&lt;t&gt; is the output of the last one
   * with a state.
   *
   * @param layers at least one with a state
   * @param heads the layers of each head above them; empty if the last layer gives the logits
   */
  public static LayerChain of(
      FMatrixRMaj embedding,
      List<? extends Layer> layers,
      List<? extends List<? extends Layer>> heads,
      float[] initial,
      Kernel kernel) {
    int top = layers.size() - 1;
    while (layers.get(top).stateSize() == 0) {
      top--;
    }
    List<Layer> trunk = new ArrayList<>(layers.subList(0, top + 1));
    if (!trunk.get(top).keepsOutput()) {
      trunk.set(top, new KeptOutput(trunk.get(top)));
    }
    return new LayerChain(
        embedding, trunk, layers.subList(top + 1, layers.size()), heads, initial, kernel);
  }

  // The table replaces the embedding.
  private LayerChain(LayerChain plain, InputTable table) {
    this.embedding = null;
    this.table = table;
    this.layers = plain.layers;
    this.heads = plain.heads;
    this.initial = plain.initial;
    this.oneHotSize = plain.oneHotSize;
    this.stateSize = plain.stateSize;
    this.kernel = plain.kernel;
  }

  @Override
  public Network withTable(int words, long mostBytes) {
    Affine ofInput = layers.get(0).ofInput();
    if (ofInput == null || InputTable.bytes(ofInput, words) > mostBytes) {
      return this;
    }
    return new LayerChain(this, InputTable.of(ofInput, embedding, words));
  }

  /** The product that the bottom layer begins with, or null. */
  Affine ofInput() {
    return layers.get(0).ofInput();
  }

  private Layer top() {
    return layers.get(layers.size() - 1);
  }

  @Override
  public int inputSize() {
    return layers.get(0).inputSize();
  }

  @Override
  public int oneHotSize() {
    return oneHotSize;
  }

  @Override
  public int stateSize() {
    return stateSize;
  }

  @Override
  public int hiddenAt() {
    return stateSize - top().stateSize();
  }

  @Override
  public int hiddenSize() {
    return top().outputSize();
  }

  @Override
  public int outputSize() {
    return headSizes()[0];
  }

  @Override
  public int[] headSizes() {
    return heads.sizes();
  }

  @Override
  public float[] initialState() {
    return initial == null ? new float[stateSize] : initial.clone();
  }

  @Override
  public boolean hasLogitsOfAnyState() {
    return true;
  }

  @Override
  public Description describe() {
    List<Layer> cells = layers.stream().filter(layer -> layer.stateSize() > 0).toList();
    return LayerNetwork.describe(
        this,
        cells,
        layers,
        heads,
        table == null ? 0 : (long) Float.BYTES * table.sums().length,
        kernel);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    if (table != null) {
      throw new IllegalStateException("expected a network without a table for the fingerprint");
    }
    if (embedding != null) {
      fingerprint.add(embedding);
    }
    layers.forEach(layer -> layer.addTo(fingerprint));
    if (initial != null) {
      fingerprint.add("initial").add(initial);
    }
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    heads.addTo(fingerprint);
  }

  @Override
  public Stepper stepper() {
    return new ChainStepper();
  }

  @Override
  public void close() {
    // Uses only the heap.
  }

  /** Takes steps layer by layer, bottom first. A step allocates nothing. */
  final class ChainStepper implements SplitStepper {
    private final Layer.Stepper[] steppers = steppers(layers);
    private final int[] stateAt = new int[layers.size()]; // where the state of a layer begins
    // The output of each layer; null if it is the beginning of the layer's state.
    private final float[][] outputs = new float[layers.size()][];
    private final Affine ofInput = layers.get(0).ofInput();
    private final int inputSize = inputSize();
    private final float[] oneHotSums; // null with an embedding or a table, or without a product
    private final float[] oneHot; // null with an embedding, a table or a product
    private final int hiddenAt = hiddenAt();
    private final Heads.Stepper logits = heads.stepper();
    private final Room[] outputsOfEach = new Room[layers.size()]; // as outputs
    private final Room xOfEach = new Room(inputSize);
    private final Room sumsOfEach = new Room(ofInput == null ? 0 : ofInput.rows());

    ChainStepper() {
      int at = 0;
      for (int l = 0; l < stateAt.length; l++) {
        stateAt[l] = at;
        at += layers.get(l).stateSize();
        outputs[l] = layers.get(l).keepsOutput() ? null : new float[layers.get(l).outputSize()];
        outputsOfEach[l] = outputs[l] == null ? null : new Room(outputs[l].length);
      }
      boolean isOneHot = table == null && embedding == null;
      oneHotSums = isOneHot && ofInput != null ? new float[ofInput.rows()] : null;
      oneHot = isOneHot && ofInput == null ? new float[inputSize] : null;
    }

    private static Layer.Stepper[] steppers(List<Layer> layers) {
      return layers.stream().map(Layer::stepper).toArray(Layer.Stepper[]::new);
    }

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      stepAll(x, 0, previous, next);
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      if (table != null) {
        stepAllFrom(table.sums(), word * table.width(), previous, next);
      } else if (embedding != null) {
        stepAll(embedding.getData(), word * inputSize, previous, next);
      } else if (oneHot != null) {
        oneHot[word] = 1;
        stepAll(oneHot, 0, previous, next);
        oneHot[word] = 0;
      } else {
        ofInput.applyOneHot(word, oneHotSums, 0);
        stepAllFrom(oneHotSums, 0, previous, next);
      }
    }

    /** One step with the product of the bottom layer, [rows]. */
    void stepFrom(float[] sums, float[] previous, float[] next) {
      stepAllFrom(sums, 0, previous, next);
    }

    private void stepAll(float[] x, int xAt, float[] previous, float[] next) {
      float[] y = outputs[0] == null ? next : outputs[0];
      steppers[0].step(x, xAt, previous, next, 0, y, 0);
      stepAbove(y, previous, next);
    }

    private void stepAllFrom(float[] sums, int sumsAt, float[] previous, float[] next) {
      float[] y = outputs[0] == null ? next : outputs[0];
      steppers[0].stepFrom(sums, sumsAt, previous, next, 0, y, 0);
      stepAbove(y, previous, next);
    }

    private void stepAbove(float[] bottom, float[] previous, float[] next) {
      float[] x = bottom;
      int xAt = 0;
      for (int l = 1; l < steppers.length; l++) {
        float[] y = outputs[l] == null ? next : outputs[l];
        int yAt = outputs[l] == null ? stateAt[l] : 0;
        steppers[l].step(x, xAt, previous, next, stateAt[l], y, yAt);
        x = y;
        xAt = yAt;
      }
    }

    @Override
    public void stepEach(int count, float[][] x, float[][] previous, float[][] next) {
      float[][] y = outputsOfEach(0, count, next);
      steppers[0].stepEach(count, x, 0, previous, next, 0, y, 0);
      stepEachAbove(count, y, previous, next);
    }

    @Override
    public void stepEach(int count, int[] words, float[][] previous, float[][] next) {
      if (ofInput == null) {
        stepEach(count, vectors(count, words), previous, next);
        return;
      }
      float[][] sums = sumsOfEach.of(count);
      products(count, words, sums);
      stepEachFrom(count, sums, previous, next);
    }

    /** x&lt;t&gt; of each word. */
    private float[][] vectors(int count, int[] words) {
      float[][] x = xOfEach.of(count);
      for (int i = 0; i < count; i++) {
        if (embedding != null) {
          System.arraycopy(embedding.getData(), words[i] * inputSize, x[i], 0, inputSize);
        } else {
          Arrays.fill(x[i], 0);
          x[i][words[i]] = 1;
        }
      }
      return x;
    }

    @Override
    public int productSize() {
      return ofInput.rows();
    }

    @Override
    public void products(int count, float[][] x, float[][] sums) {
      ofInput.applyEach(count, x, 0, sums, 0);
    }

    @Override
    public void products(int count, int[] words, float[][] sums) {
      if (table == null && embedding != null) {
        products(count, vectors(count, words), sums);
        return;
      }
      for (int i = 0; i < count; i++) {
        if (table == null) {
          ofInput.applyOneHot(words[i], sums[i], 0);
        } else {
          int at = words[i] * table.width();
          System.arraycopy(table.sums(), at, sums[i], 0, table.width());
        }
      }
    }

    @Override
    public void stepEachFrom(int count, float[][] sums, float[][] previous, float[][] next) {
      float[][] y = outputsOfEach(0, count, next);
      steppers[0].stepEachFrom(count, sums, 0, previous, next, 0, y, 0);
      stepEachAbove(count, y, previous, next);
    }

    @Override
    public void stepEachFromZero(int count, float[][] sums, float[][] zeros, float[][] next) {
      float[][] y = outputsOfEach(0, count, next);
      steppers[0].stepEachFromZero(count, sums, 0, zeros, next, 0, y, 0);
      stepEachAbove(count, y, zeros, next);
    }

    private void stepEachAbove(int count, float[][] bottom, float[][] previous, float[][] next) {
      float[][] x = bottom;
      int xAt = 0;
      for (int l = 1; l < steppers.length; l++) {
        float[][] y = outputsOfEach(l, count, next);
        int yAt = outputs[l] == null ? stateAt[l] : 0;
        steppers[l].stepEach(count, x, xAt, previous, next, stateAt[l], y, yAt);
        x = y;
        xAt = yAt;
      }
    }

    private float[][] outputsOfEach(int l, int count, float[][] next) {
      return outputsOfEach[l] == null ? next : outputsOfEach[l].of(count);
    }

    @Override
    public void logits(float[] state, float[] first) {
      logits.logits(state, hiddenAt, first);
    }

    @Override
    public void logits(float[] state, float[][] all) {
      logits.logits(state, hiddenAt, all);
    }

    @Override
    public void logitsEach(int count, float[][] states, float[][][] all) {
      logits.logitsEach(count, states, hiddenAt, all);
    }

    @Override
    public void close() {
      // Uses only the heap.
    }
  }
}
