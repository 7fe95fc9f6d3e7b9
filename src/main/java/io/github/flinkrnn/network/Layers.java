package io.github.flinkrnn.network;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Fingerprint;
import io.github.flinkrnn.layer.RecurrentCell;
import java.util.List;
import org.ejml.data.FMatrixRMaj;

/**
 * The recurrence of built-in cells, one on top of the other, and a head of linear layers. The
 * hidden state is the layers' parts one after the other, bottom first.
 */
public final class Layers implements Recurrence {
  private final List<RecurrentCell> cells;
  private final FMatrixRMaj embedding; // [words × n_x]; null for features or one-hot
  private final Head head;
  private final float[] initial; // null for zeros
  private final String kernel;
  private final InputTable table; // null for none

  Layers(
      List<RecurrentCell> cells,
      FMatrixRMaj embedding,
      List<Dense> head,
      float[] initial,
      Kernel kernel) {
    this.cells = List.copyOf(cells);
    this.embedding = embedding;
    this.head = new Head(head, kernel);
    this.initial = initial;
    this.kernel = kernel.name();
    this.table = null;
  }

  private Layers(Layers plain, InputTable table) {
    this.cells = plain.cells;
    this.embedding = plain.embedding;
    this.head = plain.head;
    this.initial = plain.initial;
    this.kernel = plain.kernel;
    this.table = table;
  }

  /**
   * The same layers with the input part of every word in a table, where that fits.
   *
   * @param words how many the vocabulary has
   * @param mostBytes how large the table may be
   */
  public Layers withTable(int words, long mostBytes) {
    RecurrentCell bottom = cells.get(0);
    return InputTable.bytes(bottom, words) > mostBytes
        ? this
        : new Layers(this, InputTable.of(bottom, embedding, words));
  }

  InputTable table() {
    return table;
  }

  List<RecurrentCell> cells() {
    return cells;
  }

  FMatrixRMaj embedding() {
    return embedding;
  }

  Head head() {
    return head;
  }

  private RecurrentCell top() {
    return cells.get(cells.size() - 1);
  }

  @Override
  public int inputSize() {
    return cells.get(0).inputSize();
  }

  @Override
  public int oneHotSize() {
    return embedding == null ? inputSize() : 0;
  }

  @Override
  public String wordInput() {
    return embedding == null ? "one-hot" : "embedded in " + inputSize();
  }

  @Override
  public long tableBytes() {
    return table == null ? 0 : (long) Float.BYTES * table.sums().length;
  }

  @Override
  public List<String> cellTypes() {
    return cells.stream()
        .map(cell -> cell.type() + ", " + cell.inputSize() + " to " + cell.outputSize())
        .toList();
  }

  @Override
  public String summary() {
    String layers = cells.size() == 1 ? "one layer" : cells.size() + " layers";
    return cells.get(0).type() + ", " + layers + " of " + hiddenSize();
  }

  @Override
  public int stateSize() {
    return cells.stream().mapToInt(RecurrentCell::stateSize).sum();
  }

  @Override
  public int hiddenAt() {
    return stateSize() - top().stateSize();
  }

  @Override
  public int hiddenSize() {
    return top().outputSize();
  }

  @Override
  public int outputSize() {
    return head.outputSize();
  }

  @Override
  public float[] initialState() {
    return initial == null ? new float[stateSize()] : initial.clone();
  }

  @Override
  public boolean hasLogitsOfAnyState() {
    return true;
  }

  @Override
  public long multiplyAdds() {
    return cells.stream().mapToLong(RecurrentCell::multiplyAdds).sum() + head.multiplyAdds();
  }

  @Override
  public String kernel() {
    return kernel;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    if (embedding != null) {
      fingerprint.add(embedding);
    }
    for (RecurrentCell cell : cells) {
      cell.addTo(fingerprint);
    }
    if (initial != null) {
      fingerprint.add("initial").add(initial);
    }
  }

  @Override
  public void addHeadTo(Fingerprint fingerprint) {
    head.addTo(fingerprint);
  }

  @Override
  public Stepper stepper() {
    return new LayersStepper(this);
  }

  @Override
  public void close() {
    // Nothing but the heap is held.
  }
}
