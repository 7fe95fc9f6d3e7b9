package io.github.flinkrnn.operator;

import io.github.flinkrnn.kernel.Kernel;
import io.github.flinkrnn.model.Head;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.model.Scores;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.Arrays;
import java.util.List;

/**
 * The heads of a model, as the output options use them: which are computed, which steps are
 * emitted, and what a prediction holds. Not thread-safe.
 */
final class Outputs {
  private final OutputOptions options;
  private final RnnModel model;
  private final List<Head> heads;
  private final boolean areNamed; // there may be several
  private final RnnStepper numbers; // used only for softmax and labels
  private final Kernel kernel = Kernel.best();
  private final boolean[] asked; // whether y<t> of a head is needed
  private final boolean anyAsked;
  private final int[] topK; // by head; 0 for all outputs
  private final boolean[] needsPrediction; // by head
  private final int emitHead; // the head of the emission rule
  private final int labelAt; // the output that is compared with the limit; -1 for the largest
  private final String modelName;

  Outputs(RnnModel model, OutputOptions options, RnnStepper numbers) {
    this.options = options;
    this.model = model;
    this.numbers = numbers;
    heads = model.heads();
    areNamed = !model.headNames().isEmpty();
    asked = new boolean[heads.size()];
    boolean any = false;
    topK = new int[heads.size()];
    needsPrediction = new boolean[heads.size()];
    for (int h = 0; h < asked.length; h++) {
      Head head = heads.get(h);
      topK[h] = Math.min(options.topK(head.name()), head.size());
      needsPrediction[h] = topK[h] > 0 || options.has(OutputField.PREDICTION);
      asked[h] = options.asksForTheHead(head.name(), h == 0, !head.labels().isEmpty());
      any |= asked[h];
    }
    anyAsked = any;
    emitHead = headOf(model, options.emit());
    String label = options.emit().label();
    labelAt = label == null ? -1 : heads.get(emitHead).labels().indexOf(label);
    modelName = model.name() + "@" + model.version();
  }

  /** The index of the head that an emission rule names; 0 if it names none. */
  static int headOf(RnnModel model, Emit emit) {
    return emit.of() == null ? 0 : model.headNames().indexOf(emit.of());
  }

  /** Room for the logits of the heads that are needed; null for the others. */
  float[][] room() {
    float[][] logits = new float[heads.size()][];
    for (int h = 0; h < logits.length; h++) {
      logits[h] = asked[h] ? new float[heads.get(h).size()] : null;
    }
    return logits;
  }

  /** The head that the emission rule is about. */
  int emitHead() {
    return emitHead;
  }

  /** Computes the logits of y&lt;t&gt;, and then what {@link #finish} does, for several steps. */
  void finishEach(int count, Past past, Step[] steps) {
    if (anyAsked) {
      float[][] kept = new float[count][];
      float[][][] logits = new float[heads.size()][][];
      for (int h = 0; h < logits.length; h++) {
        logits[h] = asked[h] ? new float[count][] : null;
      }
      for (int i = 0; i < count; i++) {
        kept[i] = steps[i].next;
        for (int h = 0; h < logits.length; h++) {
          if (asked[h]) {
            logits[h][i] = steps[i].logits[h];
          }
        }
      }
      past.logitsEach(count, kept, logits);
      predictEach(count, steps, logits);
    }
    for (int i = 0; i < count; i++) {
      if (!isFinite(past, steps[i])) {
        steps[i].refuseOverflow();
      }
    }
  }

  /** Computes the y&lt;t&gt; that all of the steps need. */
  private void predictEach(int count, Step[] steps, float[][][] logits) {
    Emit.When when = options.emit().when();
    boolean all = when == Emit.When.EACH || when == Emit.When.LAST;
    for (int h = 0; h < logits.length; h++) {
      boolean forRule = when == Emit.When.ABOVE && h == emitHead;
      if (asked[h] && (forRule || (all && needsPrediction[h]))) {
        float[][] y = numbers.predictionEach(h, count, logits[h]);
        for (int i = 0; i < count; i++) {
          steps[i].yIs(h, y[i]);
        }
      }
    }
  }

  /**
   * Computes the logits of y&lt;t&gt; if they are needed. Refuses the step unless all its numbers
   * are finite.
   */
  void finish(Past past, Step step) {
    if (anyAsked) {
      past.logits(step.next, step.logits);
    }
    if (!isFinite(past, step)) {
      step.refuseOverflow();
    }
  }

  private boolean isFinite(Past past, Step step) {
    if (!past.isFinite(step.next, anyAsked || options.has(OutputField.HIDDEN))) {
      return false;
    }
    for (float[] logits : step.logits) {
      if (logits != null && !kernel.isFinite(logits, 0, logits.length)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the emission rule emits the step. */
  boolean emits(Step step) {
    Emit emit = options.emit();
    return switch (emit.when()) {
      case EACH, LAST -> true;
      case CHANGE -> step.changed;
      case ABOVE -> {
        yield score(y(emitHead, step)) > emit.limit();
      }
      case RANK_ABOVE -> step.rank != null && step.rank > emit.limit();
      case SURPRISE_ABOVE ->
          step.rank != null && (step.surprise == null || step.surprise > emit.limit());
      case ERROR_ABOVE -> step.error != null && step.error > emit.limit();
    };
  }

  /** y&lt;t&gt; of a head, computed once. */
  private float[] y(int h, Step step) {
    if (step.y(h) == null) {
      step.yIs(h, numbers.prediction(h, step.logits[h]));
    }
    return step.y(h);
  }

  private double score(float[] y) {
    return y[labelAt < 0 ? Scores.largestAt(y) : labelAt];
  }

  /**
   * The prediction of a step.
   *
   * @param hidden a&lt;t&gt;, if it is needed
   */
  Prediction prediction(
      String key,
      long t,
      String token,
      Step step,
      float[] hidden,
      boolean generated,
      Long seq,
      Long timestamp,
      String[] carried,
      SourceRecord source) {
    HeadOutput only = areNamed ? HeadOutput.NONE : output(0, step);
    return new Prediction(
        key,
        t,
        token,
        only.label(),
        only.prediction(),
        only.logits(),
        hidden,
        options.has(OutputField.SURPRISE) ? step.surprise : null,
        options.has(OutputField.RANK) ? step.rank : null,
        options.has(OutputField.ERROR) ? step.error : null,
        only.top(),
        only.topPrediction(),
        areNamed ? all(step) : null,
        generated,
        step.isFinal,
        seq,
        timestamp,
        options.has(OutputField.MODEL) ? modelName : null,
        carried,
        source);
  }

  /** The outputs of the heads that have any field; null if none has. */
  private HeadOutput[] all(Step step) {
    HeadOutput[] outputs = new HeadOutput[heads.size()];
    int count = 0;
    for (int h = 0; h < outputs.length; h++) {
      HeadOutput output = asked[h] ? output(h, step) : HeadOutput.NONE;
      if (output.hasFields()) {
        outputs[count++] = output;
      }
    }
    return count == 0 ? null : Arrays.copyOf(outputs, count);
  }

  private HeadOutput output(int h, Step step) {
    Head head = heads.get(h);
    float[] logits = step.logits[h];
    int k = topK[h];
    float[] y = needsPrediction[h] ? y(h, step) : null;
    int[] top = k > 0 ? Scores.largestAt(y, k) : null;
    return new HeadOutput(
        head.name(),
        options.has(OutputField.LABEL) ? numbers.label(h, logits) : null,
        k == 0 ? y : null,
        options.has(OutputField.LOGITS) ? logits.clone() : null,
        top == null ? null : names(h, top),
        top == null ? null : values(y, top));
  }

  private String[] names(int head, int[] top) {
    String[] names = new String[top.length];
    for (int i = 0; i < top.length; i++) {
      names[i] = model.outputName(head, top[i]);
    }
    return names;
  }

  private static float[] values(float[] y, int[] top) {
    float[] values = new float[top.length];
    for (int i = 0; i < top.length; i++) {
      values[i] = y[top[i]];
    }
    return values;
  }
}
