package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;

/**
 * A graph that may be valid, but that the built-in cells do not support. It does not leave this
 * package: the graph runs as a step graph, or {@link #refusal} is thrown.
 */
final class UnsupportedGraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String place;
  private final String problem;

  UnsupportedGraphException(String file, String place, String problem) {
    super(problem);
    this.file = file;
    this.place = place;
    this.problem = problem;
  }

  /** The error if the graph cannot run as a step graph either. */
  InvalidFileException refusal(OnnxGraph graph) {
    return new InvalidFileException(file, place, problem + StatePairs.hint(graph));
  }
}
