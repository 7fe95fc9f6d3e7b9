package io.github.flinkrnn.machine;

/** Keeps results that nobody uses. Without this, the compiler would remove their computation. */
public final class Kept {
  private static volatile double number;

  private Kept() {}

  public static void keep(double result) {
    number = result;
  }

  /** The last result. */
  static double last() {
    return number;
  }
}
