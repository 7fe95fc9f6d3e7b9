package io.github.flinkrnn.formats.pytorch;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.layer.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;

/**
 * An element of {@code layers} in config.json.
 *
 * @param place where it stands, for errors
 * @param name the path of a module, or an activation; empty for a residual connection
 * @param type the type of a norm whose tensors do not say it
 * @param eps of a norm
 * @param dilation of a convolution
 * @param residual the layers of a residual connection; empty for any other element
 */
@Internal
public record ListedLayer(
    String place,
    String name,
    Optional<String> type,
    Optional<Double> eps,
    Optional<Integer> dilation,
    List<ListedLayer> residual) {
  /** Whether it has options, which only modules have. */
  boolean hasOptions() {
    return type.isPresent() || eps.isPresent() || dilation.isPresent();
  }

  /** Whether it is a norm without tensors, named by its type: {@code elementwise_affine=False}. */
  boolean isBareNorm() {
    return type.filter(name::equals).isPresent() && !name.equals("batch_norm");
  }

  static final Map<String, Activation> ACTIVATIONS =
      Choices.of(
          List.of(
              "tanh",
              "relu",
              "leaky_relu",
              "elu",
              "gelu",
              "gelu_tanh",
              "silu",
              "sigmoid",
              "hard_sigmoid",
              "softplus"),
          List.of(
              Activation.TANH,
              Activation.RELU,
              Activation.LEAKY_RELU,
              Activation.ELU,
              Activation.GELU,
              Activation.GELU_TANH,
              Activation.SILU,
              Activation.SIGMOID,
              Activation.HARD_SIGMOID_SIXTH,
              Activation.SOFTPLUS));

  private static final Map<String, String> TYPES =
      Choices.of(List.of("batch_norm", "layer_norm", "rms_norm"));
  private static final int MAX_LAYERS = 1000;
  private static final int MAX_DILATION = 1 << 16;

  /** The elements of a field. */
  static List<ListedLayer> of(Fields fields, String field) {
    List<ListedLayer> layers = new ArrayList<>();
    for (Fields.Element element : fields.elements(field, MAX_LAYERS)) {
      layers.add(
          element.text() != null
              ? new ListedLayer(
                  element.place(),
                  element.text(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  List.of())
              : of(element));
    }
    return layers;
  }

  private static ListedLayer of(Fields.Element element) {
    Fields fields = element.object();
    ListedLayer layer;
    if (fields.has("residual")) {
      layer =
          new ListedLayer(
              element.place(),
              "",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              of(fields, "residual"));
      if (layer.residual().isEmpty()) {
        throw fields.invalid("residual", "expected at least one layer, found none");
      }
    } else {
      layer =
          new ListedLayer(
              element.place(),
              fields.requiredText("module"),
              fields.choice("type", TYPES),
              fields.number("eps", 0, 1),
              fields.positive("dilation", MAX_DILATION),
              List.of());
    }
    fields.rejectUnknown();
    return layer;
  }
}
