package io.github.flinkrnn.cli;

import io.github.flinkrnn.model.ModelInput;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.network.LookAheadStepper;
import io.github.flinkrnn.network.LookAheadStepper.Sequence;
import io.github.flinkrnn.operator.TokenReader;
import io.github.flinkrnn.sequence.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The outputs of a bidirectional model, which looks ahead to the end of each sequence as its
 * framework does.
 */
final class WholeSequences implements AutoCloseable {
  /** A sequence that has not ended. */
  private static final class Open {
    private final List<Integer> places = new ArrayList<>(); // of its tokens
    private float[] kept;
    private long time; // of its last token, if the model needs it
  }

  private final TokenReader reader;
  private final LookAheadStepper stepper;
  private final boolean ofWords;
  private final boolean readsFinal;
  private final Map<String, Open> open = new LinkedHashMap<>();
  private final List<float[]> outputs = new ArrayList<>(); // by token; null for none
  private final List<Long> steps = new ArrayList<>(); // t, by token
  private int count;

  /**
   * @param reader has read the token that is taken next
   */
  WholeSequences(RnnModel model, TokenReader reader) {
    this.reader = reader;
    stepper = model.lookAhead(LookAheadStepper.END, reader.memorySize());
    ofWords = model.input() instanceof ModelInput.Words;
    readsFinal = model.readsFinal();
  }

  /**
   * Takes the token that was read.
   *
   * @return why it cannot be taken; null if it can
   */
  TokenReader.Refusal take(Token token) {
    if (token.start()) {
      end(token.key());
    }
    Open sequence = open.get(token.key());
    if (sequence == null) {
      sequence = new Open();
      open.put(token.key(), sequence);
      count++;
    }
    TokenReader.Refusal refusal = reader.complete(sequence.kept, 0, sequence.time);
    if (refusal != null) {
      return refusal;
    }
    Sequence step = new Sequence(sequence.kept, null);
    float[] x = ofWords ? null : reader.x().clone();
    step.take(ofWords ? reader.word() : 0, x);
    stepper.run(1, new Sequence[] {step});
    sequence.kept = step.next();
    if (!ofWords) {
      reader.remember(x, 0, sequence.kept, 0);
    }
    sequence.time = reader.keepsTime() ? token.timestamp() : 0;
    sequence.places.add(outputs.size());
    steps.add((long) sequence.places.size());
    outputs.add(null);
    if (token.end()) {
      end(token.key());
    }
    return null;
  }

  /** Ends a sequence. */
  private void end(String key) {
    Open ended = open.remove(key);
    if (ended == null) {
      return;
    }
    Sequence step = new Sequence(ended.kept, null);
    step.decideAll();
    stepper.run(1, new Sequence[] {step});
    float[][] decided = step.decided();
    for (int i = 0; i < decided.length; i++) {
      int at = readsFinal ? ended.places.size() - 1 : i;
      outputs.set(ended.places.get(at), decided[i]);
    }
  }

  /** Ends all sequences. Returns the output of each token; null for none. */
  List<float[]> finish() {
    List.copyOf(open.keySet()).forEach(this::end);
    return outputs;
  }

  /** The t of each token. */
  List<Long> steps() {
    return steps;
  }

  /** The number of sequences. */
  int count() {
    return count;
  }

  @Override
  public void close() {
    stepper.close();
  }
}
