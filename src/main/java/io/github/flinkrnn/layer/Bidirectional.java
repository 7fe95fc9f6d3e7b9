package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.layer.LayerGraph.Join;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * A bidirectional layer (Schuster and Paliwal 1997). One cell reads x&lt;1&gt; to x&lt;t&gt;, the
 * other reads from a later position back to x&lt;t&gt;:
 *
 * <pre>
 * y&lt;t&gt; = join(forward y&lt;t&gt;, backward y&lt;t&gt;)
 * </pre>
 *
 * <p>It needs later tokens, so it has no step of its own: {@link
 * io.github.flinkrnn.network.BidirectionalNetwork} takes the steps of its cells. Its state is that
 * of the forward cell, because the backward cell begins at zero for each y&lt;t&gt;.
 */
@Internal
public final class Bidirectional implements Layer {
  private final Layer forward; // null for none
  private final Layer backward;
  private final Join join;
  private final boolean readsFinal;

  /**
   * @param forward the cell that reads from the first token on; null for a layer that only reads
   *     backward
   * @param backward the cell that reads from a later token back to t, with as many inputs
   * @param join how both outputs become y&lt;t&gt;: {@link Join#CONCATENATE}, or another one for
   *     outputs of the same length
   * @param readsFinal whether y is one vector for the whole sequence: the forward output of its
   *     last token, joined with the backward output of its first token
   */
  public Bidirectional(Layer forward, Layer backward, Join join, boolean readsFinal) {
    this.forward = forward;
    this.backward = backward;
    this.join = join;
    this.readsFinal = readsFinal;
    if (forward != null
        && (forward.inputSize() != backward.inputSize()
            || (join != Join.CONCATENATE && forward.outputSize() != backward.outputSize()))) {
      throw new IllegalArgumentException("expected two cells that fit");
    }
  }

  /** Whether a layer is bidirectional, or has one inside. */
  public static boolean isIn(Layer layer) {
    return layer.described() instanceof Bidirectional
        || layer.described().inner().stream().anyMatch(Bidirectional::isIn);
  }

  /** The cell that reads from the first token on; null for none. */
  public Layer forward() {
    return forward;
  }

  /** The cell that reads from a later token back to t. */
  public Layer backward() {
    return backward;
  }

  /** How both outputs become y&lt;t&gt;. */
  public Join join() {
    return join;
  }

  /** Whether y is one vector for the whole sequence. */
  public boolean readsFinal() {
    return readsFinal;
  }

  /** The same layer with one y for the whole sequence. */
  public Bidirectional ofTheEnds() {
    return new Bidirectional(forward, backward, join, true);
  }

  @Override
  public String type() {
    String cells = backward.type();
    if (forward != null && !forward.type().equals(cells)) {
      cells = forward.type() + " and " + cells;
    }
    return (forward == null ? "backward " : "bidirectional ")
        + cells
        + (readsFinal ? ", of the whole sequence" : "");
  }

  @Override
  public int inputSize() {
    return backward.inputSize();
  }

  @Override
  public int outputSize() {
    boolean both = forward != null && join == Join.CONCATENATE;
    return backward.outputSize() + (both ? forward.outputSize() : 0);
  }

  @Override
  public int stateSize() {
    return forward == null ? 0 : forward.stateSize();
  }

  @Override
  public boolean keepsOutput() {
    return false;
  }

  private List<Layer> cells() {
    return forward == null ? List.of(backward) : List.of(forward, backward);
  }

  @Override
  public List<Affine> products() {
    return cells().stream().map(Layer::products).flatMap(List::stream).toList();
  }

  @Override
  public long multiplyAdds() {
    return cells().stream().mapToLong(Layer::multiplyAdds).sum();
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("bidirectional " + join + " " + readsFinal + " " + cells().size());
    cells().forEach(layer -> layer.addTo(fingerprint));
  }

  /**
   * @throws UnsupportedOperationException always
   */
  @Override
  public Stepper stepper() {
    throw new UnsupportedOperationException("expected a bidirectional network");
  }
}
