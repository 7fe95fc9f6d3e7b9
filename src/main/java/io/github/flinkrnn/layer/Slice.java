package io.github.flinkrnn.layer;

import org.apache.flink.annotation.Internal;

/** A part of a vector. */
@Internal
public final class Slice implements Layer {
  private final int inputSize;
  private final int from;
  private final int size;

  /**
   * @param inputSize the length of x
   * @param from the index of the first number
   * @param size how many numbers
   */
  public Slice(int inputSize, int from, int size) {
    this.inputSize = inputSize;
    this.from = from;
    this.size = size;
  }

  @Override
  public String type() {
    return "slice";
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int outputSize() {
    return size;
  }

  @Override
  public long multiplyAdds() {
    return 0;
  }

  @Override
  public void addTo(Fingerprint fingerprint) {
    fingerprint.add("slice").add(inputSize).add(from).add(size);
  }

  @Override
  public Stepper stepper() {
    return (x, xAt, previous, next, at, y, yAt) -> System.arraycopy(x, xAt + from, y, yAt, size);
  }
}
