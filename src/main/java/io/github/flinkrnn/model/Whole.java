package io.github.flinkrnn.model;

/**
 * The integers that an input of a network takes. Floats hold them exactly.
 *
 * @param least the least one
 * @param most the largest one; 0 and 1 are false and true
 */
record Whole(int least, int most) {
  boolean takes(double number) {
    return number == Math.rint(number) && number >= least && number <= most;
  }

  /** Why a number is not one of them. */
  FieldProblem problem(String place) {
    String expected =
        isBoolean() ? "true or false, or 1 or 0" : "an integer from " + least + " to " + most;
    return new FieldProblem(FieldProblem.Kind.WRONG_TYPE, place + ": expected " + expected);
  }

  private boolean isBoolean() {
    return least == 0 && most == 1;
  }

  /** A phrase for descriptions. */
  @Override
  public String toString() {
    return isBoolean() ? ", true or false" : ", integers";
  }
}
