package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.Tensor;
import io.github.flinkrnn.onnxruntime.StepType;
import java.util.List;

/**
 * An input or output of the graph.
 *
 * @param type the type of its numbers, a code of TensorProto.DataType
 * @param sizes its dimensions, -1 for an unknown size; null without a shape
 */
record ValueInfo(String name, int type, long[] sizes) {
  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;

  private static final List<String> TYPES =
      List.of(
          "an unknown type",
          "float",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "double",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16");

  /** The type of its numbers in a step graph; null for a type that is not supported. */
  StepType stepType() {
    return StepType.of(type);
  }

  /** The name of the type of its numbers. */
  String typeName() {
    return type < TYPES.size() ? TYPES.get(type) : "type " + type;
  }

  /** A phrase for errors that also names the type. */
  String typed() {
    return this + " of " + typeName();
  }

  /** Whether it holds integers: UINT8 to INT64, UINT32, UINT64. */
  boolean isInteger() {
    return (type >= 2 && type <= INT64) || type == 12 || type == 13;
  }

  /** A phrase for errors, with a question mark for an unknown size. */
  @Override
  public String toString() {
    if (sizes == null) {
      return "'" + name + "' without a shape";
    }
    int[] shape = new int[sizes.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = (int) Math.min(sizes[i], Integer.MAX_VALUE);
    }
    return "'" + name + "' " + Tensor.shapeText(shape).replace("-1", "?");
  }
}
