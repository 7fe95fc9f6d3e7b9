package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Bidirectional;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.layer.KeptOutput;
import io.github.flinkrnn.layer.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * A network with bidirectional layers: input ► layers ► head. Its y&lt;t&gt; depends on later
 * tokens, so a sequence has no state from which the next y&lt;t&gt; follows at once. {@link
 * LookAheadStepper} takes its steps. The <i>state</i> in the methods of {@link Network} is the
 * output of the top layer for one token, [hiddenSize], from which the logits are computed.
 */
@Internal
public final class BidirectionalNetwork implements LayerNetwork {
  private final Network below; // the layers below the first bidirectional one; null for none
  private final List<BidirectionalStage> stages;
  private final Heads heads;
  private final List<Layer> layers; // of everything but the heads
  private final FMatrixRMaj embedding;
  private final String kernel;

  /**
   * @param embedding E, [words × n_x], or null for features and one-hot words
   * @param layers bottom first, with at least one {@link Bidirectional}. Those after the last layer
   *     with a state belong to the head
   * @param heads the layers of each head above them; empty if the last layer gives the logits
   */
  public BidirectionalNetwork(
      FMatrixRMaj embedding,
      List<? extends Layer> layers,
      List<? extends List<? extends Layer>> heads,
      Kernel kernel) {
    int top = layers.size() - 1;
    while (layers.get(top).stateSize() == 0 && !(layers.get(top) instanceof Bidirectional)) {
      top--;
    }
    this.layers = List.copyOf(layers.subList(0, top + 1));
    this.embedding = embedding;
    this.kernel = kernel.name();
    int at = next(0);
    below = at == 0 ? null : chain(embedding, this.layers.subList(0, at), kernel);
    stages = new ArrayList<>();
    while (at < this.layers.size()) {
      int end = next(at + 1);
      Bidirectional layer = (Bidirectional) this.layers.get(at);
      FMatrixRMaj words = at == 0 ? embedding : null;
      List<Layer> above = this.layers.subList(at + 1, end);
      stages.add(
          new BidirectionalStage(
              layer.forward() == null ? null : chain(words, List.of(layer.forward()), kernel),
              chain(words, List.of(layer.backward()), kernel),
              layer.join(),
              layer.readsFinal(),
              above.isEmpty() ? null : chain(null, above, kernel)));
      at = end;
    }
    boolean isBelowHead = top().above() == null;
    for (int l = 0; l < stages.size(); l++) {
      if (stages.get(l).readsFinal() && !(isBelowHead && l == stages.size() - 1)) {
        throw new IllegalArgumentException("expected the ends of a sequence below the head only");
      }
    }
    this.heads = new Heads(hiddenSize(), layers.subList(top + 1, layers.size()), heads);
  }

  /** The index of the next bidirectional layer, or the number of layers. */
  private int next(int from) {
    int at = from;
    while (at < layers.size() && !(layers.get(at) instanceof Bidirectional)) {
      at++;
    }
    return at;
  }

  private static LayerChain chain(FMatrixRMaj embedding, List<Layer> layers, Kernel kernel) {
    List<Layer> all = new ArrayList<>(layers);
    int last = all.size() - 1;
    if (!all.get(last).keepsOutput()) {
      all.set(last, new KeptOutput(all.get(last)));
    }
    return new LayerChain(embedding, all, List.of(), null, kernel);
  }

  /** With other networks of x&lt;t&gt;, which give the same bits. */
  private BidirectionalNetwork(
      BidirectionalNetwork of, Network below, Network forward, Network backward) {
    this.below = below;
    this.stages = new ArrayList<>(of.stages);
    BidirectionalStage first = stages.get(0);
    stages.set(
        0,
        new BidirectionalStage(forward, backward, first.join(), first.readsFinal(), first.above()));
    this.heads = of.heads;
    this.layers = of.layers;
    this.embedding = of.embedding;
    this.kernel = of.kernel;
  }

  /** Changes the networks that take x&lt;t&gt;. */
  private interface Change {
    Network of(Network network, long mostBytes);
  }

  private BidirectionalNetwork with(Change change, long mostBytes) {
    BidirectionalStage first = stages.get(0);
    if (below != null) {
      return new BidirectionalNetwork(
          this, change.of(below, mostBytes), first.forward(), first.backward());
    }
    long each = first.forward() == null ? mostBytes : mostBytes / 2;
    return new BidirectionalNetwork(
        this,
        null,
        first.forward() == null ? null : change.of(first.forward(), each),
        change.of(first.backward(), each));
  }

  @Override
  public BidirectionalNetwork withTable(int words, long mostBytes) {
    return with((network, most) -> network.withTable(words, most), mostBytes);
  }

  @Override
  public BidirectionalNetwork withFields(List<InputPart> parts, long mostBytes, Kernel with) {
    return with((network, most) -> network.withFields(parts, most, with), mostBytes);
  }

  /** The network below the first bidirectional layer; null for none. */
  Network below() {
    return below;
  }

  List<BidirectionalStage> stages() {
    return stages;
  }

  private BidirectionalStage top() {
    return stages.get(stages.size() - 1);
  }

  private Network bottom() {
    return below == null ? stages.get(0).backward() : below;
  }

  @Override
  public int bidirectionalLayers() {
    return stages.size();
  }

  @Override
  public boolean readsFinal() {
    return top().readsFinal();
  }

  @Override
  public LookAheadStepper lookAhead(boolean ofWords, int tokens, int reserved) {
    return new LookAheadStepper(this, ofWords, tokens, reserved);
  }

  @Override
  public int inputSize() {
    return bottom().inputSize();
  }

  @Override
  public int oneHotSize() {
    return bottom().oneHotSize();
  }

  /** Of the layers, without the tokens that wait for later ones. */
  @Override
  public int stateSize() {
    return (below == null ? 0 : below.stateSize())
        + stages.stream().mapToInt(BidirectionalStage::stateSize).sum();
  }

  @Override
  public int hiddenAt() {
    return 0;
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
    return new float[stateSize()];
  }

  @Override
  public boolean isFinite(float[] output) {
    return Kernel.best().isFinite(output, 0, hiddenSize());
  }

  @Override
  public boolean hasLogitsOfAnyState() {
    return true;
  }

  @Override
  public Description describe() {
    List<Layer> cells =
        layers.stream()
            .filter(layer -> layer instanceof Bidirectional || layer.stateSize() > 0)
            .toList();
    long tables = inputs().mapToLong(network -> network.describe().tableBytes()).sum();
    return LayerNetwork.describe(this, cells, layers, heads, tables, kernel);
  }

  /** The networks that take x&lt;t&gt;. */
  Stream<Network> inputs() {
    BidirectionalStage first = stages.get(0);
    return below != null
        ? Stream.of(below)
        : Stream.of(first.forward(), first.backward()).filter(network -> network != null);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    if (embedding != null) {
      fingerprint.add(embedding);
    }
    layers.forEach(layer -> layer.addTo(fingerprint));
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    heads.addTo(fingerprint);
  }

  /** A stepper that only computes logits. */
  @Override
  public Stepper stepper() {
    return new LogitsStepper(heads.stepper());
  }

  @Override
  public void close() {
    // Uses only the heap.
  }

  private record LogitsStepper(Heads.Stepper heads) implements Stepper {
    private static final String NO_STEP = "expected a network without bidirectional layers";

    @Override
    public void step(float[] x, float[] previous, float[] next) {
      throw new UnsupportedOperationException(NO_STEP);
    }

    @Override
    public void step(int word, float[] previous, float[] next) {
      throw new UnsupportedOperationException(NO_STEP);
    }

    @Override
    public void logits(float[] output, float[] logits) {
      heads.logits(output, 0, logits);
    }

    @Override
    public void logits(float[] output, float[][] all) {
      heads.logits(output, 0, all);
    }

    @Override
    public void logitsEach(int count, float[][] outputs, float[][][] all) {
      heads.logitsEach(count, outputs, 0, all);
    }

    @Override
    public void close() {
      // Uses only the heap.
    }
  }
}
