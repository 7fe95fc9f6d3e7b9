package io.github.flinkrnn.files.pytorch;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.files.Tensor;
import io.github.flinkrnn.files.pytorch.HeadTensors.Linear;
import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.RecurrentCell;
import io.github.flinkrnn.model.ModelConfig;
import io.github.flinkrnn.network.Dense;
import io.github.flinkrnn.network.Network;
import io.github.flinkrnn.network.OutputEnd;
import io.github.flinkrnn.network.Part;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads a PyTorch state_dict: recurrent layers, a head of linear layers, and for words perhaps an
 * embedding. Names say what is recurrent, shapes say the rest. What is not used is listed as such:
 * whole numbers, which are counters and indices; the modules of a loss; and what a field of
 * config.json leaves out.
 */
public final class StateDict {
  private static final Set<String> OF_TRAINING = Set.of("criterion", "loss", "loss_fn");

  private final String file;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> integers;
  private final ModelConfig config;
  private final Kernel kernel;
  private final List<Part> parts = new ArrayList<>();
  private final Set<String> used = new HashSet<>();

  private StateDict(
      String file,
      Map<String, Tensor> tensors,
      Map<String, String> integers,
      ModelConfig config,
      Kernel kernel) {
    this.file = file;
    this.tensors = tensors;
    this.integers = integers;
    this.config = config;
    this.kernel = kernel;
  }

  /**
   * @param file how to name the weights file in errors
   * @param integers what the tensors of whole numbers are, by name: {@code I64 [2 × 3]}
   * @param words how many the vocabulary has; 0 for features
   * @throws InvalidFileException when the tensors are not such a network, or may be read in two
   *     ways
   */
  public static Network read(
      String file,
      Map<String, Tensor> tensors,
      Map<String, String> integers,
      ModelConfig config,
      int words,
      Kernel kernel) {
    return new StateDict(file, tensors, integers, config, kernel).network(words);
  }

  private Network network(int words) {
    Map<String, Tensor> network = new LinkedHashMap<>(tensors);
    network.keySet().removeIf(StateDict::isOfTraining);
    List<RecurrentCell> cells = cells(network);
    // Before the head, which would be blamed for a tensor that a misspelt initial_state left over.
    float[] initial = InitialState.read(file, network, config, cells, parts);
    used.addAll(config.initialState());
    Map<String, Tensor> others = new LinkedHashMap<>(network);
    others.keySet().removeIf(RecurrentStack::isRecurrent);
    others.keySet().removeAll(config.initialState());
    int inputSize = cells.get(0).inputSize();
    int hiddenSize = cells.get(cells.size() - 1).outputSize();
    HeadTensors.Reading reading =
        new HeadTensors(
                file, config, List.copyOf(others.values()), integers, words, inputSize, hiddenSize)
            .reading();
    if (reading.embedding() != null) {
      parts.add(new Part("embedding", use(reading.embedding())));
    }
    List<Dense> head = head(reading.head());
    addUnused();
    return Network.of(
        cells,
        reading.embedding() == null ? null : reading.embedding().matrix(),
        head,
        initial,
        OutputEnd.UNKNOWN,
        tensors.values().stream().mapToLong(tensor -> tensor.data().length).sum(),
        parts,
        kernel);
  }

  /** Whether a tensor is of a module that only training needs, wherever in the model it is. */
  private static boolean isOfTraining(String tensor) {
    List<String> modules = List.of(tensor.split("\\.", -1));
    return modules.subList(0, modules.size() - 1).stream().anyMatch(OF_TRAINING::contains);
  }

  private List<RecurrentCell> cells(Map<String, Tensor> network) {
    List<RecurrentCell> cells = new ArrayList<>();
    for (LayerTensors layer : RecurrentStack.find(file, network, integers, config.recurrent())) {
      cells.add(layer.cell(config, kernel));
      String from = use(layer.ih()) + ", " + use(layer.hh());
      from +=
          layer.biasIh() == null
              ? ", no bias"
              : ", " + use(layer.biasIh()) + ", " + use(layer.biasHh());
      from += layer.hr() == null ? "" : ", " + use(layer.hr());
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
      String from = use(layer.weight()) + ", ";
      from += layer.bias() == null ? "no bias" : use(layer.bias());
      parts.add(new Part("head " + head.size(), from + then));
    }
    return head;
  }

  private String use(Tensor tensor) {
    used.add(tensor.name());
    return tensor.toString();
  }

  private void addUnused() {
    for (Tensor tensor : tensors.values()) {
      if (!used.contains(tensor.name())) {
        parts.add(new Part("not used", tensor.toString()));
      }
    }
    integers.forEach((name, what) -> parts.add(new Part("not used", name + ", " + what)));
  }
}
