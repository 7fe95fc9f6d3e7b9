package example;

import io.github.flinkrnn.operator.RnnFunction;
import java.time.Duration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

public class ScorePayments {
  public static class Payment { // a POJO of your own
    public long card;
    public double amount;
    public int hour;

    public Payment() {}

    public Payment(long card, double amount, int hour) {
      this.card = card;
      this.amount = amount;
      this.hour = hour;
    }
  }

  public record Score(long card, double amount, float fraud) {}

  static DataStream<Score> scores(DataStream<Payment> payments, String model) {
    return RnnFunction.builder(model, Payment.class)
        .features(p -> new float[] {(float) Math.log1p(p.amount), p.hour / 24f})
        .withIdleTimeout(Duration.ofDays(30))
        .output(Score.class, (p, y) -> new Score(p.card, p.amount, y.prediction()[0]))
        .applyTo(payments.keyBy(payment -> payment.card))
        .uid("fraud");
  }

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Payment> payments =
        env.fromData(new Payment(1, 9.5, 12), new Payment(1, 2400, 3), new Payment(1, 2500, 3));
    scores(payments, args[0]).print();
    env.execute();
  }
}
