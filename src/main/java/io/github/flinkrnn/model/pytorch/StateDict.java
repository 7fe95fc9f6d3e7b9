package io.github.flinkrnn.model.pytorch;

import io.github.flinkrnn.cell.Activation;
import io.github.flinkrnn.cell.RecurrentCell;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.Dense;
import io.github.flinkrnn.model.ModelConfig;
import io.github.flinkrnn.model.Network;
import io.github.flinkrnn.model.OutputActivation;
import io.github.flinkrnn.model.Part;
import io.github.flinkrnn.model.Tensor;
import io.github.flinkrnn.model.pytorch.HeadTensors.Linear;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a PyTorch state_dict: recurrent layers, a head of linear layers, and for words perhaps an
 * embedding. Names say what is recurrent, shapes say the rest.
 */
public final class StateDict {
  private final String file;
  private final Map<String, Tensor> tensors;
  private final ModelConfig config;
  private final Kernel kernel;
  private final List<Part> parts = new ArrayList<>();

  private StateDict(String file, Map<String, Tensor> tensors, ModelConfig config, Kernel kernel) {
    this.file = file;
    this.tensors = tensors;
    this.config = config;
    this.kernel = kernel;
  }

  /**
   * @param file how to name the weights file in errors
   * @param words how many the vocabulary has; 0 for features
   * @throws InvalidFileException when the tensors are not such a network, or may be read in two
   *     ways
   */
  public static Network read(
      String file, Map<String, Tensor> tensors, ModelConfig config, int words, Kernel kernel) {
    return new StateDict(file, tensors, config, kernel).network(words);
  }

  private Network network(int words) {
    Map<String, Tensor> others = new LinkedHashMap<>(tensors);
    others.keySet().removeIf(RecurrentStack::isRecurrent);
    others.keySet().removeAll(config.initialState());
    List<RecurrentCell> cells = cells();
    // Before the head, which would be blamed for a tensor that a misspelt initial_state left over.
    float[] initial = InitialState.read(file, tensors, config, cells, parts);
    int inputSize = cells.get(0).inputSize();
    int hiddenSize = cells.get(cells.size() - 1).outputSize();
    HeadTensors.Reading reading =
        new HeadTensors(file, config, List.copyOf(others.values()), words, inputSize, hiddenSize)
            .reading();
    if (reading.embedding() != null) {
      parts.add(new Part("embedding", reading.embedding().toString()));
      others.remove(reading.embedding().name());
    }
    List<Dense> head = head(reading.head());
    for (Linear layer : reading.head()) {
      others.remove(layer.name());
      others.remove(layer.bias() == null ? null : layer.bias().name());
    }
    others.values().forEach(tensor -> parts.add(new Part("not used", tensor.toString())));
    return Network.of(
        cells,
        reading.embedding() == null ? null : reading.embedding().matrix(),
        head,
        initial,
        OutputActivation.SOFTMAX,
        tensors.values().stream().mapToLong(tensor -> tensor.data().length).sum(),
        parts,
        kernel);
  }

  private List<RecurrentCell> cells() {
    List<RecurrentCell> cells = new ArrayList<>();
    for (LayerTensors layer : RecurrentStack.find(file, tensors, config.recurrent())) {
      cells.add(layer.cell(config, kernel));
      String from = layer.ih() + ", " + layer.hh();
      from += layer.biasIh() == null ? ", no bias" : ", " + layer.biasIh() + ", " + layer.biasHh();
      from += layer.hr() == null ? "" : ", " + layer.hr();
      parts.add(new Part("layer " + cells.size(), from));
    }
    return cells;
  }

  private List<Dense> head(List<Linear> layers) {
    List<Dense> head = new ArrayList<>();
    for (Linear layer : layers) {
      boolean last = head.size() == layers.size() - 1;
      Activation g = last ? Activation.IDENTITY : config.hiddenActivation();
      float[] bias = layer.bias() == null ? null : layer.bias().data();
      head.add(new Dense(layer.weight().matrix(), bias, g));
      String then = last ? "" : ", then " + g.name().toLowerCase(Locale.ROOT);
      String from = layer.weight() + ", " + (layer.bias() == null ? "no bias" : layer.bias());
      parts.add(new Part("head " + head.size(), from + then));
    }
    return head;
  }
}
