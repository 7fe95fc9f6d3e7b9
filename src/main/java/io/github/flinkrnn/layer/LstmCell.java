package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.kernel.Room;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.ejml.data.FMatrixRMaj;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000), with i, f and o the input, forget and output gates and c the cell state:
 *
 * <pre>
 * i    = σ(Wi [a&lt;t-1&gt;; x&lt;t&gt;] + bi)
 * f    = σ(Wf [a&lt;t-1&gt;; x&lt;t&gt;] + bf)
 * g    = φ(Wg [a&lt;t-1&gt;; x&lt;t&gt;] + bg)
 * o    = σ(Wo [a&lt;t-1&gt;; x&lt;t&gt;] + bo)
 * c&lt;t&gt; = f ∘ c&lt;t-1&gt; + i ∘ g
 * a&lt;t&gt; = o ∘ φ(c&lt;t&gt;), or Wr (o ∘ φ(c&lt;t&gt;)) with a projection (Sak et al. 2014)
 * </pre>
 *
 * PyTorch's {@code nn.LSTM} computes the same (see the formulas in its documentation; {@code
 * proj_size} is the projection). Keras and ONNX do too, with the gates in other orders. The state
 * is a&lt;t&gt; followed by c&lt;t&gt;.
 */
@Internal
public final class LstmCell implements Layer {
  private final float[] b; // [4 n_c] for i, f, g, o, or null
  private final Activation gate;
  private final Activation phi;
  private final int nC;
  private final int nA;
  private final Kernel kernel;
  // The rows are i, f, o, g, so that the gates with the same σ are adjacent.
  private final Affine ofX; // [4 n_c × n_x]
  private final Affine ofA; // [4 n_c × n_a]
  private final Affine projection; // Wr, [n_a × n_c]; null for none, then n_a = n_c

  /**
   * @param wa [4 n_c × n_a], the rows of i, f, g and o
   * @param wx [4 n_c × n_x], in the same order
   * @param b [4 n_c], or null for none
   * @param wr [n_a × n_c], or null for no projection
   * @param gate σ of i, f and o
   * @param phi φ of g and of the cell state
   */
  public LstmCell(
      FMatrixRMaj wa,
      FMatrixRMaj wx,
      float[] b,
      FMatrixRMaj wr,
      Activation gate,
      Activation phi,
      Kernel kernel) {
    this.b = b;
    this.gate = gate;
    this.phi = phi;
    this.nC = wa.getNumRows() / 4;
    this.nA = wa.getNumCols();
    this.kernel = kernel;
    this.ofX = kernel.affine(inOrder(wx), b == null ? null : inOrder(b));
    this.ofA = kernel.affine(inOrder(wa), null);
    this.projection = wr == null ? null : kernel.affine(wr, null);
  }

  // Reorders the rows i, f, g, o to i, f, o, g.
  private static FMatrixRMaj inOrder(FMatrixRMaj gates) {
    int rows = gates.getNumRows();
    int columns = gates.getNumCols();
    float[] ordered = inOrder(Arrays.copyOf(gates.getData(), rows * columns));
    return FMatrixRMaj.wrap(rows, columns, ordered);
  }

  private static float[] inOrder(float[] gates) {
    int block = gates.length / 4;
    float[] ordered = gates.clone();
    System.arraycopy(gates, 3 * block, ordered, 2 * block, block);
    System.arraycopy(gates, 2 * block, ordered, 3 * block, block);
    return ordered;
  }

  @Override
  public String type() {
    return projection == null ? "lstm" : "lstm with a projection of " + nC;
  }

  @Override
  public Affine ofInput() {
    return ofX;
  }

  @Override
  public int outputSize() {
    return nA;
  }

  @Override
  public int stateSize() {
    return nA + nC;
  }

  @Override
  public List<Affine> products() {
    return projection == null ? List.of(ofX, ofA) : List.of(ofX, ofA, projection);
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("lstm " + gate + " " + phi);
    fingerprint.add(4 * nC, nA + inputSize(), this::rowOfGiven).add(b);
    if (projection != null) {
      fingerprint.addSideBySide(projection);
    }
  }

  // A row of [Wa Wx] in the order of the given weights: i, f, g, o.
  private void rowOfGiven(int row, float[] w) {
    int gate = row / nC;
    int packed = gate == 2 ? row + nC : gate == 3 ? row - nC : row;
    ofA.row(packed, w, 0);
    ofX.row(packed, w, nA);
  }

  @Override
  public Stepper stepper() {
    return new LstmStepper(new Room(4 * nC));
  }

  private final class LstmStepper extends ProductStepper {
    private final Sweep sweep = new Sweep();
    private final float[] fromX = new float[4 * nC];
    private final float[] sums = new float[4 * nC];
    private final float[] gates = new float[4 * nC]; // i, f, o, g
    private final float[] hidden =
        new float[projection == null ? 0 : nC]; // the input of the projection
    private final Room gatesOfEach; // the input products, and then the gates
    private final Room sumsOfEach = new Room(4 * nC);
    private final Room hiddenOfEach = new Room(hidden.length);

    LstmStepper(Room gatesOfEach) {
      super(ofX, gatesOfEach);
      this.gatesOfEach = gatesOfEach;
    }

    @Override
    public void step(
        float[] x, int xAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      sweep.through(ofX, x, xAt, fromX, ofA, previous, at, sums);
      afterSums(previous, next, at, y, yAt);
    }

    @Override
    public void stepFrom(
        float[] given, int givenAt, float[] previous, float[] next, int at, float[] y, int yAt) {
      sweep.through(ofA, given, givenAt, previous, at, sums);
      afterSums(previous, next, at, y, yAt);
    }

    @Override
    public void stepEachFrom(
        int count,
        float[][] given,
        int givenAt,
        float[][] previous,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      float[][] z = sumsOfEach.of(count);
      ofA.applyEachFrom(count, given, givenAt, previous, at, z, 0);
      afterSums(count, z, previous, next, at, y, yAt);
    }

    @Override
    public void stepEachFromZero(
        int count,
        float[][] given,
        int givenAt,
        float[][] zeros,
        float[][] next,
        int at,
        float[][] y,
        int yAt) {
      if (givenAt == 0) {
        afterSums(count, given, zeros, next, at, y, yAt); // Wa 0 = 0
      } else {
        stepEachFrom(count, given, givenAt, zeros, next, at, y, yAt);
      }
    }

    private void afterSums(
        int count, float[][] z, float[][] previous, float[][] next, int at, float[][] y, int yAt) {
      float[][] itsGates = gatesOfEach.of(count);
      float[][] out = projection == null ? y : hiddenOfEach.of(count);
      int outAt = projection == null ? yAt : 0;
      for (int i = 0; i < count; i++) {
        curves(z[i], itsGates[i]);
        remember(itsGates[i], previous[i], next[i], at + nA, out[i], outAt);
      }
      if (projection != null) {
        projection.applyEach(count, out, 0, y, yAt);
      }
    }

    private void afterSums(float[] previous, float[] next, int at, float[] y, int yAt) {
      curves(sums, gates);
      if (projection == null) {
        remember(gates, previous, next, at + nA, y, yAt);
      } else {
        remember(gates, previous, next, at + nA, hidden, 0);
        projection.apply(hidden, 0, y, yAt);
      }
    }

    private void curves(float[] sums, float[] gates) {
      gate.apply(kernel, sums, 0, gates, 0, 3 * nC);
      phi.apply(kernel, sums, 3 * nC, gates, 3 * nC, nC);
    }

    // c<t> = f ∘ c<t-1> + i ∘ g into next, o ∘ φ(c<t>) into out.
    private void remember(
        float[] gates, float[] previous, float[] next, int cAt, float[] out, int outAt) {
      if (phi == Activation.TANH) {
        kernel.lstm(gates, previous, next, cAt, out, outAt, nC);
        return;
      }
      for (int k = 0; k < nC; k++) {
        float c = Math.fma(gates[nC + k], previous[cAt + k], gates[k] * gates[3 * nC + k]);
        next[cAt + k] = c;
        out[outAt + k] = gates[2 * nC + k] * phi.apply(c);
      }
    }
  }
}
