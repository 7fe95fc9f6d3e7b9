package io.github.flinkrnn.model;

import io.github.flinkrnn.cell.RecurrentCell;

/** Takes the steps of {@link Layers}: cell by cell, from the bottom. */
final class LayersStepper implements Recurrence.Stepper {
  private final Layers layers;
  private final RecurrentCell.Stepper[] cells;
  private final int[] stateAt; // where each layer's part of the hidden state begins
  private final float[] oneHot; // all zeros between two steps; null unless the input may be one-hot
  private final float[] top; // the top layer's a<t>, on its own

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
    oneHot = layers.embedding() == null ? new float[layers.inputSize()] : null;
    top = new float[layers.hiddenSize()];
  }

  @Override
  public void step(float[] x, float[] previous, float[] next) {
    step(x, 0, previous, next);
  }

  @Override
  public void step(int word, float[] previous, float[] next) {
    if (oneHot == null) {
      step(layers.embedding().getData(), word * layers.inputSize(), previous, next);
    } else {
      oneHot[word] = 1;
      step(oneHot, 0, previous, next);
      oneHot[word] = 0;
    }
  }

  private void step(float[] x, int xAt, float[] previous, float[] next) {
    cells[0].step(x, xAt, previous, next, stateAt[0]);
    for (int layer = 1; layer < cells.length; layer++) {
      cells[layer].step(next, stateAt[layer - 1], previous, next, stateAt[layer]);
    }
  }

  @Override
  public float[] logits(float[] state) {
    System.arraycopy(state, layers.hiddenAt(), top, 0, top.length);
    return layers.head().logits(top);
  }

  @Override
  public void close() {
    // Nothing but the heap is held.
  }
}
