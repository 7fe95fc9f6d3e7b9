package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ConfigFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * The fields of {@code config.json} that assign roles to the tensors of a state_dict, if their
 * names and shapes are ambiguous.
 *
 * @param file the name of config.json in errors
 * @param layers the layers from x&lt;t&gt; to the logits; empty for a recurrent stack and a head
 * @param heads the layers of each head above them; empty unless {@code outputs} names several
 * @param recurrent the prefixes of the recurrent tensors, bottom first
 * @param initialState the tensors of the state before the first token; empty for zeros
 * @param embedding the tensor of the embedding
 * @param head the weight tensors of the head, in order
 * @param readsFinal whether the head reads the last forward and the first backward output of a
 *     sequence, or each position; empty if not given
 */
@Internal
public record StateDictConfig(
    String file,
    List<ListedLayer> layers,
    List<List<ListedLayer>> heads,
    List<String> recurrent,
    List<String> initialState,
    Optional<String> embedding,
    List<String> head,
    Optional<Boolean> readsFinal) {
  private static final Map<String, Boolean> READ =
      Choices.of(List.of("each", "final"), List.of(false, true));

  /** Reads these fields. */
  public static StateDictConfig read(ConfigFile config) {
    Fields top = config.top();
    List<ListedLayer> layers = ListedLayer.of(top, "layers");
    if (top.has("layers")) {
      if (layers.isEmpty()) {
        throw top.invalid("layers", "expected at least one layer, found none");
      }
      rejectWith(top, "recurrent");
      rejectWith(config.output(), "head");
      rejectWith(config.output(), "hidden_activation");
    }
    return new StateDictConfig(
        config.file(),
        layers,
        heads(config),
        top.textOrTexts("recurrent"),
        top.isObject("initial_state") ? List.of() : zeros(top.textOrTexts("initial_state")),
        config.input().text("embedding"),
        config.output().textOrTexts("head"),
        config.output().choice("read", READ));
  }

  /**
   * A copy in which each name of a tensor is that of the tensor it means.
   *
   * @throws InvalidFileException when a name may mean several tensors
   */
  StateDictConfig withTensors(Collection<String> tensors) {
    ModulePaths paths = new ModulePaths(tensors);
    return new StateDictConfig(
        file,
        layers,
        heads,
        recurrent,
        initialState.stream().map(name -> paths.tensor(name, file, "initial_state")).toList(),
        embedding.map(name -> paths.tensor(name, file, "input.embedding")),
        head.stream().map(name -> paths.tensor(name, file, "output.head")).toList(),
        readsFinal);
  }

  private static List<List<ListedLayer>> heads(ConfigFile config) {
    List<List<ListedLayer>> heads = new ArrayList<>();
    for (Fields of : config.outputs()) {
      heads.add(ListedLayer.of(of, "layers"));
    }
    return heads;
  }

  private static void rejectWith(Fields fields, String field) {
    if (fields.has(field)) {
      throw fields.invalid(field, "expected only without layers");
    }
  }

  private static List<String> zeros(List<String> initialState) {
    return initialState.equals(List.of("zeros")) ? List.of() : initialState;
  }

  /**
   * Fails if one of the fields is set, because the other formats define the roles of their tensors.
   *
   * @param weights the weights file, which is of another format
   * @param namesHeads whether that format names heads, so that {@code outputs} may stand beside it
   * @throws InvalidFileException that names the first field that is set
   */
  public void rejectBeside(String weights, boolean namesHeads) {
    if (readsFinal.isPresent()) {
      throw new InvalidFileException(
          file,
          "output.read",
          BidirectionalLayers.whereRead() + "; found the weights in " + weights);
    }
    String field = null;
    if (!layers.isEmpty()) {
      field = "layers";
    } else if (!heads.isEmpty() && !namesHeads) {
      field = "outputs";
    } else if (heads.stream().anyMatch(head -> !head.isEmpty())) {
      int first = 0;
      while (heads.get(first).isEmpty()) {
        first++;
      }
      field = "outputs[" + first + "].layers";
    } else if (!recurrent.isEmpty()) {
      field = "recurrent";
    } else if (!initialState.isEmpty()) {
      field = "initial_state";
    } else if (embedding.isPresent()) {
      field = "input.embedding";
    } else if (!head.isEmpty()) {
      field = "output.head";
    }
    if (field != null) {
      throw new InvalidFileException(
          file, field, "expected only for a state_dict, found the weights in " + weights);
    }
  }
}
