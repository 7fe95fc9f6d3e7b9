package io.github.flinkrnn.model.pytorch;

import io.github.flinkrnn.cell.Nonlinearity;
import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.Network;
import io.github.flinkrnn.model.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads a PyTorch state_dict: one recurrent stack, a linear head, and for words perhaps an
 * embedding. Names say what is recurrent; which of the other matrices is the head and which the
 * embedding follows from their shapes. A tensor without a place is an error, for the network would
 * be computed without it.
 */
public final class StateDict {
  /** What the shapes must agree with, and the names that decide where they leave a choice. */
  public record Hints(
      int vocabularySize, // 0: the input is features
      int labels, // 0: not given
      Optional<String> embedding,
      Optional<String> head) {}

  private record Reading(Tensor embedding, Tensor head, Tensor headBias) {
    String describe() {
      String input = embedding == null ? "" : "input.embedding: " + embedding.name() + ", ";
      return "{" + input + "output.head: " + head.name() + "}";
    }
  }

  private final String file;
  private final Hints hints;
  private final List<Tensor> others;
  private final int inputSize;
  private final int hiddenSize;

  private StateDict(String file, Hints hints, List<Tensor> others, int inputSize, int hiddenSize) {
    this.file = file;
    this.hints = hints;
    this.others = others;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
  }

  /**
   * @param file how to name the weights file in errors
   * @throws InvalidFileException when the tensors are not such a network, or may be read in two
   *     ways
   */
  public static Network read(
      String file, Map<String, Tensor> tensors, Hints hints, Nonlinearity g, Kernel kernel) {
    RecurrentStack stack = RecurrentStack.find(file, tensors);
    List<RecurrentCell> cells = stack.cells(g, kernel);
    Map<String, Tensor> others = new LinkedHashMap<>(tensors);
    others.keySet().removeAll(stack.used());
    int inputSize = cells.get(0).inputSize();
    int hiddenSize = cells.get(cells.size() - 1).outputSize();
    Reading reading =
        new StateDict(file, hints, List.copyOf(others.values()), inputSize, hiddenSize).reading();
    return new Network(
        cells,
        reading.embedding() == null ? null : reading.embedding().matrix(),
        reading.head().matrix(),
        reading.headBias() == null ? null : reading.headBias().data(),
        tensors.values().stream().mapToLong(tensor -> tensor.data().length).sum());
  }

  private Reading reading() {
    expectNamed("input.embedding", hints.embedding());
    expectNamed("output.head", hints.head());
    List<Reading> readings = new ArrayList<>();
    for (Tensor head : others) {
      if (fitsHead(head)) {
        Tensor bias = biasOf(head);
        int placed = bias == null ? 1 : 2;
        if (others.size() == placed && fitsWithoutEmbedding()) {
          readings.add(new Reading(null, head, bias));
        }
        for (Tensor embedding : others) {
          if (others.size() == placed + 1
              && !embedding.name().equals(head.name())
              && fitsEmbedding(embedding)) {
            readings.add(new Reading(embedding, head, bias));
          }
        }
      }
    }
    if (readings.isEmpty()) {
      throw new InvalidFileException(
          file, "", "found " + list(others) + "; expected " + expected());
    }
    if (readings.size() > 1) {
      String ways = readings.stream().map(Reading::describe).collect(Collectors.joining(" or "));
      throw new InvalidFileException(
          file, "", "can be read in more than one way; say in config.json which: " + ways);
    }
    return readings.get(0);
  }

  private void expectNamed(String field, Optional<String> tensor) {
    List<String> names = others.stream().map(Tensor::name).toList();
    if (tensor.isPresent() && !names.contains(tensor.get())) {
      throw new InvalidFileException(
          file,
          "tensor '" + tensor.get() + "'",
          "named by "
              + field
              + " in config.json, expected one of "
              + String.join(", ", names)
              + Nearest.hint(tensor.get(), names));
    }
  }

  private boolean fitsHead(Tensor tensor) {
    return tensor.rank() == 2
        && tensor.rows() > 0
        && tensor.columns() == hiddenSize
        && (hints.labels() == 0 || tensor.rows() == hints.labels())
        && hints.head().map(tensor.name()::equals).orElse(true);
  }

  private boolean fitsWithoutEmbedding() {
    return hints.embedding().isEmpty()
        && (hints.vocabularySize() == 0 || hints.vocabularySize() == inputSize);
  }

  private boolean fitsEmbedding(Tensor tensor) {
    return tensor.hasShape(hints.vocabularySize(), inputSize)
        && biasOf(tensor) == null
        && hints.embedding().map(tensor.name()::equals).orElse(true);
  }

  /** {@code fc.bias} for {@code fc.weight}, where its length fits. */
  private Tensor biasOf(Tensor weight) {
    String module = weight.name().replaceFirst("weight$", "");
    for (Tensor tensor : others) {
      if (tensor.name().equals(module + "bias") && tensor.hasShape(weight.rows())) {
        return tensor;
      }
    }
    return null;
  }

  // Names what asks for each size, since that may be what is wrong and not the weights.
  private String expected() {
    String outputs = hints.labels() == 0 ? "outputs" : Integer.toString(hints.labels());
    String labels = hints.labels() == 0 ? "" : " (output.labels names " + outputs + ")";
    String bias = " with or without a bias [" + outputs + "]";
    String head = "a head [" + outputs + " × " + hiddenSize + "]" + labels + bias;
    if (hints.vocabularySize() == 0) {
      return head;
    }
    String embedding = Tensor.shapeText(hints.vocabularySize(), inputSize);
    String words = " (the vocabulary has " + hints.vocabularySize() + " words)";
    boolean oneHot = hints.vocabularySize() == inputSize;
    return head + " and an embedding " + embedding + words + (oneHot ? " or none" : "");
  }

  private static String list(List<Tensor> tensors) {
    return tensors.isEmpty()
        ? "no tensor besides the recurrent layers"
        : tensors.stream().map(Tensor::toString).collect(Collectors.joining(", "));
  }
}
