package io.github.flinkrnn.cli;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobValidator;

/** What a start says of its model. */
final class ModelLines {
  private ModelLines() {}

  /** The model, and where it computes something else than its framework: why, and what to do. */
  static void say(Console console, JobFile job, JobValidator.Model model) {
    console.say("model", model.description());
    int window = job.sequence().window();
    if (model.fixedSteps() > 0 && window != model.fixedSteps()) {
      String here = window == 0 ? "this job carries the state" : "this job's are of " + window;
      console.say("steps", steps(model.fixedSteps(), here));
    }
  }

  /**
   * What follows from a file that fixes its number of steps.
   *
   * @param here what a job does in place of it
   */
  static String steps(int steps, String here) {
    return steps
        + ", fixed by the file: its framework predicts from windows of "
        + steps
        + " tokens, "
        + here
        + "; sequence.window: "
        + steps
        + " gives the framework's numbers";
  }
}
