import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.model.RnnStepper;
import java.nio.file.Path;

/** Prints the prediction of each step of one sequence. */
public class Steps {
  public static void main(String[] args) throws Exception {
    try (RnnModel model = RnnModel.load(Path.of(args[0]));
        RnnStepper stepper = model.stepper()) {
      float[] state = model.initialState();
      for (float amount : new float[] {0, 100}) {
        float[] next = new float[model.stateSize()];
        stepper.step(new float[] {(float) Math.log1p(amount)}, state, next);
        System.out.println(stepper.prediction(stepper.logits(next))[0]);
        state = next;
      }
    }
  }
}
