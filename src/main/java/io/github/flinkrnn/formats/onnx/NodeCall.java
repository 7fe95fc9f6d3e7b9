package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import io.github.flinkrnn.formats.onnx.Value.Weights;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A node and what is known about its inputs. An absent optional input is null. */
record NodeCall(GraphWalk walk, OnnxNode node, List<Value> inputs) {
  String op() {
    return node.op();
  }

  Value optional(int input) {
    return input < inputs.size() ? inputs.get(input) : null;
  }

  Value required(int input) {
    Value value = optional(input);
    if (value == null) {
      throw refused("missing: expected input " + input);
    }
    return value;
  }

  /** An input that must depend on the sequence. */
  Signal signal(int input) {
    if (required(input) instanceof Signal signal) {
      return signal;
    }
    throw unsupported("expected the sequence or the output of a layer as input " + input);
  }

  /** Whether all inputs that are there are constants. */
  boolean isConstant() {
    return inputs.stream().allMatch(value -> value == null || value instanceof Weights);
  }

  /** An input that must be a constant of floats. {@code what} names it in the error. */
  Weights weights(int input, String what) {
    if (required(input) instanceof Weights weights && weights.tensor().isFloat()) {
      return weights;
    }
    throw unsupported("expected a constant of floats as " + what + ", input " + input);
  }

  /** An input that must be a constant array of integers. */
  long[] constants(int input) {
    if (required(input) instanceof Weights weights && !weights.tensor().isFloat()) {
      return weights.tensor().integers();
    }
    throw unsupported("expected constant integers as input " + input);
  }

  /** Integers from an attribute or, in later operator sets, from an input; null for none. */
  long[] integers(String attribute, int input) {
    if (node.attributes().containsKey(attribute)) {
      return attribute(attribute, long[].class, null);
    }
    return optional(input) == null ? null : constants(input);
  }

  long integer(String attribute, long otherwise) {
    return attribute(attribute, Long.class, otherwise);
  }

  float number(String attribute, float otherwise) {
    return attribute(attribute, Float.class, otherwise);
  }

  <T> T attribute(String name, Class<T> type, T otherwise) {
    Object value = node.attributes().get(name);
    if (value == null) {
      return otherwise;
    }
    if (!type.isInstance(value)) {
      throw refused("expected attribute " + name + " of the type that the operator defines");
    }
    return type.cast(value);
  }

  /** Rejects all other attributes, because they may change the result. */
  void expectAttributes(Set<String> known) {
    for (String name : node.attributes().keySet()) {
      if (!known.contains(name)) {
        throw unsupported(
            "expected no attributes besides " + new TreeSet<>(known) + ", found '" + name + "'");
      }
    }
  }

  /** An axis of {@code rank} dimensions; a negative one counts from the end. */
  int axis(long axis, int rank) {
    long positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) {
      throw refused("expected an axis of " + rank + " dimensions, found " + axis);
    }
    return (int) positive;
  }

  /** Reserves memory for new numbers. */
  int take(long numbers) {
    return walk.take(this, numbers);
  }

  InvalidFileException refused(String problem) {
    return new InvalidFileException(walk.file(), node.place(), problem);
  }

  /** The error for a node that the built-in layers do not support. */
  UnsupportedGraphException unsupported(String problem) {
    return new UnsupportedGraphException(walk.file(), node.place(), problem);
  }

  static Set<String> union(Set<String> one, Set<String> other) {
    if (other.isEmpty()) {
      return one;
    }
    Set<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }
}
