package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.ConfigFile;
import java.util.List;
import java.util.Optional;

/**
 * What {@code config.json} says of a state_dict: which tensor is what, where names and shapes leave
 * a choice.
 *
 * @param file how errors name config.json
 * @param recurrent the prefixes of the recurrent tensors, bottom first
 * @param initialState the tensors of the state before the first token; none for zeros
 * @param embedding the embedding's tensor
 * @param head the head's weight tensors in their order
 */
public record StateDictConfig(
    String file,
    List<String> recurrent,
    List<String> initialState,
    Optional<String> embedding,
    List<String> head) {

  /** Takes these fields from the file. */
  public static StateDictConfig read(ConfigFile config) {
    Fields top = config.top();
    return new StateDictConfig(
        config.file(),
        top.textOrTexts("recurrent"),
        top.isObject("initial_state") ? List.of() : zeros(top.textOrTexts("initial_state")),
        config.input().text("embedding"),
        config.output().textOrTexts("head"));
  }

  private static List<String> zeros(List<String> initialState) {
    return initialState.equals(List.of("zeros")) ? List.of() : initialState;
  }

  /**
   * Fails where one of the fields is set: the other formats say themselves which tensor is what.
   *
   * @param weights the file of another format that the weights are in
   */
  public void rejectBeside(String weights) {
    String field = null;
    if (!recurrent.isEmpty()) {
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
          file, field, "names tensors of a state_dict, the weights are in " + weights);
    }
  }
}
