import io.github.flinkrnn.operator.RnnFunction;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Scores each payment, given the earlier payments of its card. */
public class FraudScores {
  public static class Payment {
    public long card;
    public double amount;

    public Payment() {}

    public Payment(long card, double amount) {
      this.card = card;
      this.amount = amount;
    }
  }

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    DataStream<Payment> payments =
        env.fromData(new Payment(1, 0), new Payment(1, 100), new Payment(2, 0));
    RnnFunction.builder(args[0], Payment.class)
        .features(payment -> new float[] {(float) Math.log1p(payment.amount)})
        .withIdleTimeout(Duration.ofDays(30))
        .output(String.class, (payment, y) -> payment.card + " " + y.prediction()[0])
        .applyTo(payments.keyBy(payment -> payment.card))
        .uid("fraud")
        .print();
    env.execute("fraud");
  }
}
