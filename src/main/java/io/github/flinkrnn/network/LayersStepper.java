package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.RecurrentCell;

/**
 * Takes the steps of {@link Layers}: cell by cell, from the bottom. Allocates nothing in a step.
 */
final class LayersStepper implements Recurrence.Stepper {
  private final Layers layers;
  private final RecurrentCell.Stepper[] cells;
  private final int[] stateAt; // where each layer's part of the hidden state begins
  private final int hiddenAt;
  private final float[] oneHotSums; // null where words are embedded, or in a table
  private final Head.Stepper head;

  LayersStepper(Layers layers) {
    this.layers = layers;
    int count = layers.cells().size();
    cells = new RecurrentCell.Stepper[count];
    stateAt = new int[count];
    int at = 0;
    for (int layer = 0; layer < count; layer++) {
      RecurrentCell cell = layers.cells().get(layer);
      cells[layer] = cell.stepper();
      stateAt[layer] = at;
      at += cell.stateSize();
    }
    hiddenAt = layers.hiddenAt();
    boolean isOneHot = layers.table() == null && layers.embedding() == null;
    oneHotSums = isOneHot ? new float[layers.cells().get(0).inputSums()] : null;
    head = layers.head().stepper();
  }

  @Override
  public void step(float[] x, float[] previous, float[] next) {
    cells[0].step(x, 0, previous, next, 0);
    stepAbove(previous, next);
  }

  @Override
  public void step(int word, float[] previous, float[] next) {
    InputTable table = layers.table();
    if (table != null) {
      cells[0].stepFrom(table.sums(), word * table.width(), previous, next, 0);
    } else if (oneHotSums == null) {
      int at = word * layers.inputSize();
      cells[0].step(layers.embedding().getData(), at, previous, next, 0);
    } else {
      cells[0].oneHotSums(word, oneHotSums, 0);
      cells[0].stepFrom(oneHotSums, 0, previous, next, 0);
    }
    stepAbove(previous, next);
  }

  private void stepAbove(float[] previous, float[] next) {
    for (int layer = 1; layer < cells.length; layer++) {
      cells[layer].step(next, stateAt[layer - 1], previous, next, stateAt[layer]);
    }
  }

  @Override
  public void logits(float[] state, float[] logits) {
    head.logits(state, hiddenAt, logits);
  }

  @Override
  public void close() {
    // Nothing but the heap is held.
  }
}
