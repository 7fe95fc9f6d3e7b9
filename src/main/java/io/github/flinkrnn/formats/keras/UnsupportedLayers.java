package io.github.flinkrnn.formats.keras;

import java.util.HashMap;
import java.util.Map;

/** Why layers of Keras are not supported, and what to do instead. */
final class UnsupportedLayers {
  private static final String STEP_GRAPH = "; or export a step graph (docs/ONNX.md)";
  private static final String WHOLE_SEQUENCE =
      "not supported: it needs the whole sequence at once, and a stream brings one token at a time;"
          + " train with the last step (return_sequences=False) instead"
          + STEP_GRAPH;
  private static final String ATTENTION =
      "not supported: it reads all tokens of the sequence at every step; train without it"
          + STEP_GRAPH;
  private static final String IMAGES =
      "not supported: a token is a vector or a word, not an image; train without it" + STEP_GRAPH;
  private static final String TEXT =
      "not supported: a token is a vector or one word; put the words in vocab.txt and save the"
          + " model that follows this layer";

  private static final Map<String, String> REASONS = new HashMap<>();

  static {
    REASONS.put(
        "Lambda",
        "not supported: its Python code is not in the file; use layers of Keras instead"
            + STEP_GRAPH);
    REASONS.put(
        "RepeatVector",
        "not supported: it separates an encoder of a whole sequence from a decoder; save the"
            + " encoder as a model"
            + STEP_GRAPH);
    REASONS.put("Permute", WHOLE_SEQUENCE);
    for (String each : new String[] {"CuDNNGRU", "CuDNNLSTM"}) {
      REASONS.put(
          each,
          "not supported: its weights are in the layout of cuDNN; load them into a "
              + each.substring(5)
              + " layer with Keras 2 and save that model");
    }
    for (String each : new String[] {"GlobalAverage", "GlobalMax", "Average", "Max"}) {
      REASONS.put(each + "Pooling1D", WHOLE_SEQUENCE);
    }
    for (String each : new String[] {"UpSampling1D", "ZeroPadding1D", "Cropping1D"}) {
      REASONS.put(
          each,
          "not supported: it changes the number of steps; train without it (a causal Conv1D needs"
              + " no padding)"
              + STEP_GRAPH);
    }
    for (String each :
        new String[] {
          "Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"
        }) {
      REASONS.put(each, ATTENTION);
    }
    for (String each : new String[] {"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}) {
      REASONS.put(each, IMAGES);
    }
    for (String each : new String[] {"Conv2D", "Conv3D", "MaxPooling2D", "AveragePooling2D"}) {
      REASONS.put(each, IMAGES);
    }
    for (String each : new String[] {"TextVectorization", "StringLookup", "IntegerLookup"}) {
      REASONS.put(each, TEXT);
    }
  }

  private UnsupportedLayers() {}

  /** The reason, or what would be read instead. */
  static String reason(String className) {
    return REASONS.getOrDefault(
        className,
        "expected Embedding, SimpleRNN, GRU, LSTM, RNN, Bidirectional, Dense, TimeDistributed, Conv1D (causal),"
            + " BatchNormalization, LayerNormalization, RMSNormalization, Normalization, Rescaling,"
            + " Masking, Activation, Add, Concatenate or Dropout, found "
            + className
            + STEP_GRAPH);
  }
}
