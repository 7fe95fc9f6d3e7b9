package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A node with what is known of its inputs; a null among them is an optional one that is absent. */
record NodeCall(String file, long opset, OnnxNode node, List<Value> inputs, Budget budget) {
  /**
   * Numbers that may yet be made of the file's, so that a small file cannot ask for a large heap.
   */
  static final class Budget {
    private final LoadMemory memory;
    private long left;

    Budget(long numbers, LoadMemory memory) {
      this.left = numbers;
      this.memory = memory;
    }
  }

  Value optional(int input) {
    return input < inputs.size() ? inputs.get(input) : null;
  }

  Value required(int input) {
    Value value = optional(input);
    if (value == null) {
      throw refused("has no input " + input);
    }
    return value;
  }

  /** A constant of floats, or an error that says what it is for. */
  Weights weights(int input, String what) {
    if (required(input) instanceof Weights weights && weights.tensor().isFloat()) {
      return weights;
    }
    throw unsupported("expected a constant of floats as " + what + ", input " + input);
  }

  /** A constant list of whole numbers. */
  long[] constants(int input) {
    if (required(input) instanceof Weights weights && !weights.tensor().isFloat()) {
      return weights.tensor().integers();
    }
    throw unsupported("expected constant whole numbers as input " + input);
  }

  /** Such a list from an attribute or, in later operator sets, from an input; null for none. */
  long[] integers(String attribute, int input) {
    if (node.attributes().containsKey(attribute)) {
      return attribute(attribute, long[].class, null);
    }
    return optional(input) == null ? null : constants(input);
  }

  long integer(String attribute, long otherwise) {
    return attribute(attribute, Long.class, otherwise);
  }

  <T> T attribute(String name, Class<T> type, T otherwise) {
    Object value = node.attributes().get(name);
    if (value == null) {
      return otherwise;
    }
    if (!type.isInstance(value)) {
      throw refused("attribute " + name + " is of another type than the operator has");
    }
    return type.cast(value);
  }

  /** Attributes other than these would change the result in a way that nobody looked at. */
  void expectAttributes(Set<String> known) {
    for (String name : node.attributes().keySet()) {
      if (!known.contains(name)) {
        throw unsupported(
            "has attribute '" + name + "', expected none besides " + new TreeSet<>(known));
      }
    }
  }

  /** An axis of so many, counted from the end where negative. */
  int axis(long axis, int rank) {
    long positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) {
      throw refused("axis " + axis + " of " + rank + " dimensions");
    }
    return (int) positive;
  }

  /** Reserves the heap for new numbers. */
  int take(long numbers) {
    budget.left -= numbers;
    if (numbers < 0 || numbers > Integer.MAX_VALUE || budget.left < 0) {
      throw refused("makes many more numbers than the file holds");
    }
    budget.memory.take(file, Float.BYTES * numbers);
    return (int) numbers;
  }

  InvalidFileException refused(String problem) {
    return new InvalidFileException(file, node.place(), problem);
  }

  /** Of what no built-in cell computes. */
  UnsupportedGraphException unsupported(String problem) {
    return new UnsupportedGraphException(file, node.place(), problem);
  }

  static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }
}
