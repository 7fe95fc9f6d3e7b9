package io.github.flinkrnn.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.flinkrnn.network.NotAcceptedException;
import io.github.flinkrnn.network.Recurrence;
import java.nio.FloatBuffer;
import java.util.Set;

/** Takes steps by runs of a session over tensors of its own. */
final class OnnxRuntimeStepper implements Recurrence.Stepper {
  private final OrtSession session;
  private final StepTensors tensors;
  private final FloatBuffer output;
  private float[] last; // what the step just taken left

  OnnxRuntimeStepper(
      StepGraph graph, OrtEnvironment environment, OrtSession session, long[] outputShape)
      throws OrtException {
    this.session = session;
    tensors = new StepTensors(graph, environment);
    boolean whole = false;
    try {
      tensors.addStateOutputs(graph);
      output =
          graph.outputState() >= 0
              ? tensors.stateOutput(graph.outputState())
              : tensors.addOutput(graph.output(), outputShape);
      whole = true;
    } finally {
      if (!whole) {
        tensors.close();
      }
    }
  }

  @Override
  public void step(float[] x, float[] previous, float[] next) {
    tensors.features(x);
    step(previous, next);
  }

  @Override
  public void step(int word, float[] previous, float[] next) {
    tensors.word(word);
    step(previous, next);
  }

  private void step(float[] previous, float[] next) {
    tensors.previous(previous);
    last = null; // until its output is whole again
    try {
      session.run(tensors.inputs(), Set.of(), tensors.outputs()).close();
    } catch (OrtException e) {
      throw new NotAcceptedException(e.getMessage());
    }
    tensors.next(next);
    last = next;
  }

  @Override
  public void logits(float[] state, float[] logits) {
    if (state != last) {
      throw new IllegalArgumentException("a step graph knows the output of its last step alone");
    }
    output.get(0, logits, 0, output.capacity());
  }

  @Override
  public void close() {
    tensors.close();
  }
}
