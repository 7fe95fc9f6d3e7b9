package io.github.flinkrnn.job;

import io.github.flinkrnn.json.PredictionEncoder;
import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.sequence.Prediction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The provisional and final predictions of a bidirectional model: one token after another, with
 * what is kept of each sequence in a map. Not thread-safe.
 */
public final class LookAheadReference {
  private record Word(long t, String word, Long seq) {}

  private static final class Sequence {
    private long t;
    private float[] kept;
    private final Deque<Word> undecided = new ArrayDeque<>();
  }

  private final RnnModel model;
  private final LookAheadStepper stepper;
  private final RnnStepper heads;
  private final PredictionEncoder encoder = new PredictionEncoder(List.of());
  private final Map<String, Sequence> sequences = new HashMap<>();

  /**
   * @param model a model of words
   */
  public LookAheadReference(RnnModel model, int look) {
    this.model = model;
    stepper = model.lookAhead(look, 0);
    heads = model.stepper();
  }

  /**
   * The records that a token causes, in their order: the final predictions that it decides, and its
   * provisional one.
   *
   * @param seq of the token; null for none
   * @param end whether it is the last token of its sequence
   */
  public List<byte[]> of(String key, String word, Long seq, boolean end) {
    Sequence sequence = sequences.computeIfAbsent(key, k -> new Sequence());
    Word latest = new Word(++sequence.t, word, seq);
    sequence.undecided.add(latest);
    LookAheadStepper.Sequence step = new LookAheadStepper.Sequence(sequence.kept, null);
    step.take(((ModelInput.Words) model.input()).vocabulary().id(word), null);
    if (end) {
      step.decideAll();
      sequences.remove(key);
    } else {
      step.askProvisional();
    }
    stepper.run(1, new LookAheadStepper.Sequence[] {step});
    sequence.kept = step.next();
    List<byte[]> records = new ArrayList<>();
    for (float[] output : step.decided()) {
      records.add(record(key, sequence.undecided.remove(), output, true));
    }
    if (step.provisional() != null) {
      records.add(record(key, latest, step.provisional(), false));
    }
    return records;
  }

  private byte[] record(String key, Word of, float[] output, boolean isFinal) {
    float[] logits = heads.logits(output);
    return encoder.serialize(
        new Prediction(
            key,
            of.t(),
            of.word(),
            heads.label(logits),
            heads.prediction(logits),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            false,
            isFinal,
            of.seq(),
            null,
            null,
            null,
            null));
  }
}
