package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;
import io.github.flinkrnn.rules.LookAhead;

/** The lines about its model when a job starts. */
final class ModelLines {
  private ModelLines() {}

  /** Shows the model, and whether it computes something else than its framework. */
  static void say(Console console, JobFile job, JobValidator.Model model) {
    console.say("model", model.description());
    LookAhead lookAhead = job.sequence().lookAhead();
    if (lookAhead != null && lookAhead.tokens() == LookAhead.END) {
      console.say("delay", "predictions wait for the end of their sequence");
    } else if (lookAhead != null && lookAhead.tokens() > 0) {
      long tokens = (long) model.bidirectionalLayers() * lookAhead.tokens();
      console.say(
          "delay",
          "a prediction waits for "
              + tokens
              + (tokens == 1 ? " token" : " tokens")
              + ", or for the end of its sequence");
    }
    int window = job.sequence().window();
    if (model.fixedSteps() > 0 && lookAhead == null && window != model.fixedSteps()) {
      String here =
          window == 0 ? "this job carries the state" : "this job has windows of " + window;
      console.say("steps", steps(model.fixedSteps(), here));
    }
  }

  /**
   * The consequence of a model file with a fixed number of steps.
   *
   * @param here what a job does instead
   */
  static String steps(int steps, String here) {
    return steps
        + ", fixed by the file: its framework predicts from windows of "
        + steps
        + " tokens, but "
        + here
        + "; sequence.window: "
        + steps
        + " gives the framework's results";
  }
}
