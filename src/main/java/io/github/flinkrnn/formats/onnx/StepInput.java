package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.WeightsFile;
import io.github.flinkrnn.onnxruntime.StepGraph;
import io.github.flinkrnn.onnxruntime.StepGraph.Span;
import io.github.flinkrnn.onnxruntime.StepType;
import java.util.Arrays;
import java.util.List;

/**
 * The only input for x&lt;t&gt; of a step graph without {@code input.fields}: features, a one-hot
 * vector, or the id of a word.
 */
final class StepInput {
  private final String file;
  private final ValueInfo input;
  private final NetworkConfig config;
  private final int words;

  private StepInput(String file, ValueInfo input, NetworkConfig config, int words) {
    this.file = file;
    this.input = input;
    this.config = config;
    this.words = words;
  }

  /**
   * @param words the size of the vocabulary; 0 for features
   */
  static StepGraph.Input of(
      String file, ValueInfo input, OnnxGraph graph, NetworkConfig config, int words) {
    StepInput of = new StepInput(file, input, config, words);
    StepType type = of.type();
    if (type.isInteger()) {
      of.expectEmbeddingOfAllWords(graph);
    }
    long[] shape = of.shape(type);
    int last = shape.length - 1;
    List<Span> spans = type.isInteger() ? List.of() : List.of(new Span(0, (int) shape[last]));
    return new StepGraph.Input(input.name(), type, shape, spans);
  }

  private StepType type() {
    StepType type = input.stepType();
    if (type == null || type == StepType.BOOL) {
      throw invalid("expected float, double, int32 or int64, found " + input.typeName());
    }
    if (type.isInteger() && words == 0) {
      throw new InvalidFileException(
          config.file(),
          "input.type",
          "expected vocabulary, because " + file + " takes word ids as '" + input.name() + "'");
    }
    return type;
  }

  /** The shape for one token of one sequence: time, batch and unknown sizes are 1. */
  private long[] shape(StepType type) {
    if (input.sizes() == null) {
      throw invalid("missing: expected a shape with a known last size");
    }
    long[] shape = Arrays.stream(input.sizes()).map(size -> size == -1 ? 1 : size).toArray();
    int last = shape.length - 1;
    long length = 1;
    if (!type.isInteger()) {
      if (last < 0) {
        throw invalid("expected the features of a token as the last dimension, found one number");
      }
      if (input.sizes()[last] == -1) {
        shape[last] = words > 0 ? words : config.inputSize().orElseThrow(this::sizeIsOpen);
      }
      length = shape[last];
    }
    if (length < 1 || length > StepInputs.MAX_LENGTH) {
      throw invalid("expected 1 to 2^24 features, found " + input);
    }
    for (int i = 0; i <= last; i++) {
      if (shape[i] != 1 && (type.isInteger() || i != last)) {
        throw invalid(
            "expected one token of one sequence, found "
                + input
                + "; export it with dynamic axes, or with batch and time of size 1");
      }
    }
    return shape;
  }

  private InvalidFileException sizeIsOpen() {
    return new InvalidFileException(
        config.file(),
        "input.size",
        "missing: expected the number of features, which " + file + " does not fix in " + input);
  }

  /** An id beyond the rows of an embedding would fail the job. */
  private void expectEmbeddingOfAllWords(OnnxGraph graph) {
    OnnxTensor rows = embedding(graph, input);
    if (rows != null && rows.shape()[0] != words) {
      String problem = "expected a word for each row of embedding " + rows + " in " + file;
      problem += ", found " + words + " words" + WeightsFile.extraRow(rows.shape()[0], words);
      throw new InvalidFileException(config.file(), "input.file", problem);
    }
  }

  /** The embedding whose rows an input selects; that with the fewest rows; null for none. */
  static OnnxTensor embedding(OnnxGraph graph, ValueInfo input) {
    OnnxTensor least = null;
    for (OnnxNode node : graph.nodes()) {
      OnnxTensor rows =
          node.op().equals("Gather")
                  && node.inputs().size() == 2
                  && node.inputs().get(1).equals(input.name())
                  && node.attributes().getOrDefault("axis", 0L).equals(0L)
              ? graph.constants().get(node.inputs().get(0))
              : null;
      if (rows != null
          && rows.rank() > 0
          && (least == null || rows.shape()[0] < least.shape()[0])) {
        least = rows;
      }
    }
    return least;
  }

  private InvalidFileException invalid(String problem) {
    return new InvalidFileException(file, "input '" + input.name() + "'", problem);
  }
}
