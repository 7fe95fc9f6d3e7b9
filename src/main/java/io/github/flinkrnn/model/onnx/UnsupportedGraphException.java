package io.github.flinkrnn.model.onnx;

import io.github.flinkrnn.config.InvalidFileException;

/**
 * A graph that may be a sound one, but not of what the built-in cells compute. Does not leave this
 * package: the graph runs as a step graph, or its refusal is thrown.
 */
final class UnsupportedGraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final InvalidFileException refusal;

  UnsupportedGraphException(String file, String place, String problem) {
    this.refusal = new InvalidFileException(file, place, problem + GraphWalk.NEEDS_RUNTIME);
  }

  InvalidFileException refusal() {
    return refusal;
  }
}
