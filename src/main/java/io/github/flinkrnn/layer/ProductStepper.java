package io.github.flinkrnn.layer;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.Room;

/** Takes steps of a layer that begins with the product of x&lt;t&gt;. */
abstract class ProductStepper implements Layer.Stepper {
  private final Affine ofX;
  private final Room products;

  /**
   * @param products working memory for the products of several sequences
   */
  ProductStepper(Affine ofX, Room products) {
    this.ofX = ofX;
    this.products = products;
  }

  @Override
  public void stepEach(
      int count,
      float[][] x,
      int xAt,
      float[][] previous,
      float[][] next,
      int at,
      float[][] y,
      int yAt) {
    float[][] given = products.of(count);
    ofX.applyEach(count, x, xAt, given, 0);
    stepEachFrom(count, given, 0, previous, next, at, y, yAt);
  }
}
