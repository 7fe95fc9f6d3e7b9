package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recurrence on elements of a user class, with any key. */
@SuppressWarnings("try") // closing a harness may be interrupted
class RnnFunctionBuilderTest {
  /** A Flink POJO. */
  public static final class Payment {
    public long card;
    public int id;
    public float[] numbers;
    public String word;

    public Payment() {}

    Payment(long card, int id, float... numbers) {
      this.card = card;
      this.id = id;
      this.numbers = numbers;
    }

    static Payment of(long card, int id, String word) {
      Payment payment = new Payment(card, id);
      payment.word = word;
      return payment;
    }

    long card() {
      return card;
    }
  }

  /** A payment and the prediction for it. */
  public record Scored(int id, String key, long t, String label, String prediction) {}

  @TempDir private Path directory;

  private RnnFunctionBuilder<Payment, Scored> numbers() throws Exception {
    return joined(
        RnnFunction.builder(ModelDirectory.threeFeatures(directory).toString(), Payment.class)
            .features(payment -> payment.numbers));
  }

  private RnnFunctionBuilder<Payment, Scored> words() throws Exception {
    return joined(
        RnnFunction.builder(ModelDirectory.words(directory).toString(), Payment.class)
            .word(payment -> payment.word));
  }

  private static RnnFunctionBuilder<Payment, Scored> joined(
      RnnFunctionBuilder<Payment, Prediction> builder) {
    return builder.output(
        Scored.class,
        (payment, said) -> {
          assertThat(said.source()).as("Flink's bytes of the payment").isNull();
          return new Scored(
              payment.id,
              said.key(),
              said.t(),
              said.label(),
              said.prediction() == null ? null : said.prediction()[0] + "");
        });
  }

  private static KeyedOneInputStreamOperatorTestHarness<Long, Payment, Scored> open(
      RnnFunctionBuilder<Payment, Scored> builder, OperatorSubtaskState snapshot) throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<Long, Payment, Scored>(
            new KeyedProcessOperator<>(builder.build()), Payment::card, Types.LONG);
    harness.setup();
    if (snapshot != null) {
      harness.initializeState(snapshot);
    }
    harness.open();
    return harness;
  }

  @Test
  void predictsAsTheFunctionOnTokensDoes() throws Exception {
    float[][] x = {{1, 2, 3}, {0.5f, -1, 0}, {-2, 0.25f, 1}};
    List<Scored> expected = new ArrayList<>();
    try (RnnHarness tokens =
        RnnHarness.open(RnnFunction.of(ModelDirectory.threeFeatures(directory).toString()))) {
      for (int i = 0; i < 6; i++) {
        Prediction said = tokens.process(Token.of("" + i % 2, x[i / 2])).get(0);
        expected.add(new Scored(i, said.key(), said.t(), said.label(), said.prediction()[0] + ""));
      }
    }
    try (var harness = open(numbers(), null)) {
      for (int i = 0; i < 6; i++) {
        harness.processElement(new Payment(i % 2, i, x[i / 2]), 0);
      }
      assertThat(harness.extractOutputValues()).isEqualTo(expected);
    }
  }

  /** Payments that wait during a failure are joined with their own predictions after it. */
  @Test
  void paymentsThatWaitAreJoinedWhenTheirTimeComes() throws Exception {
    SequenceOptions byTime =
        SequenceOptions.DEFAULT.withOrder(OrderOptions.of(OrderOptions.By.TIMESTAMP));
    OperatorSubtaskState snapshot;
    try (var harness = open(words().with(byTime), null)) {
      harness.processElement(Payment.of(7, 3, "sat"), 30);
      harness.processElement(Payment.of(7, 1, "the"), 10);
      snapshot = harness.snapshot(1, 0);
      assertThat(harness.extractOutputValues()).isEmpty();
    }
    try (var harness = open(words().with(byTime), snapshot)) {
      harness.processElement(Payment.of(7, 2, "cat"), 20);
      harness.processWatermark(20);
      assertThat(harness.extractOutputValues()).extracting(Scored::id).containsExactly(1, 2);
      harness.processWatermark(40);
      assertThat(harness.extractOutputValues()).extracting(Scored::t).containsExactly(1L, 2L, 3L);
      assertThat(harness.extractOutputValues()).extracting(Scored::id).containsExactly(1, 2, 3);
      assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }
  }

  @Test
  void theLastOfASequenceIsJoinedWhenItEnds() throws Exception {
    OutputOptions last = OutputOptions.DEFAULT.withEmit(Emit.of(Emit.When.LAST));
    var builder = words().with(last).withIdleTimeout(Duration.ofMillis(1600));
    try (var harness = open(builder.end(payment -> payment.id == 2), null)) {
      harness.processElement(Payment.of(7, 1, "the"), 0);
      harness.processElement(Payment.of(7, 2, "cat"), 0);
      harness.processElement(Payment.of(8, 3, "the"), 0);
      harness.processElement(Payment.of(8, 4, "the"), 0);
      assertThat(harness.extractOutputValues()).extracting(Scored::id).containsExactly(2);
      harness.setProcessingTime(2000);
      assertThat(harness.extractOutputValues()).extracting(Scored::id).containsExactly(2, 4);
      assertThat(harness.extractOutputValues()).extracting(Scored::key).containsExactly("7", "8");
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void aGeneratedWordIsJoinedWithThePaymentBeforeIt() throws Exception {
    SequenceOptions generating =
        SequenceOptions.DEFAULT.withGeneration(new Generation(null, 2, 0, 0));
    RnnFunctionBuilder<Payment, Scored> cycle =
        joined(
            RnnFunction.builder(ModelDirectory.cycle(directory).toString(), Payment.class)
                .word(payment -> payment.word)
                .generate(payment -> payment.id == 2)
                .with(generating));
    try (var harness = open(cycle, null)) {
      harness.processElement(Payment.of(7, 1, "a"), 0);
      harness.processElement(Payment.of(7, 2, "b"), 0);
      assertThat(harness.extractOutputValues())
          .extracting(Scored::id, Scored::t)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(1, 1L),
              org.assertj.core.groups.Tuple.tuple(2, 2L),
              org.assertj.core.groups.Tuple.tuple(2, 3L),
              org.assertj.core.groups.Tuple.tuple(2, 4L));
    }
  }

  /** The record is the JSON of the token, because nobody can read the bytes of the element. */
  @Test
  void anElementThatTheModelCannotReadIsRejectedAsItsToken() throws Exception {
    var builder = words().timestamp(payment -> 5L).seq(payment -> (long) payment.id);
    try (var harness = open(builder.with(OnRejected.SIDE_OUTPUT), null)) {
      harness.processElement(Payment.of(7, 1, "dog"), 0);
      harness.processElement(Payment.of(7, 2, null), 0);
      List<RejectedRecord> rejected =
          harness.getSideOutput(RnnFunction.REJECTED).stream().map(r -> r.getValue()).toList();
      assertThat(rejected)
          .extracting(RejectedRecord::reason)
          .containsExactly(Reason.UNKNOWN_TOKEN, Reason.MISSING_FIELD);
      assertThat(new String(rejected.get(0).record().value(), StandardCharsets.UTF_8))
          .isEqualTo("{\"key\":\"7\",\"token\":\"dog\",\"seq\":1,\"timestamp\":5}");
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void theFlinkTimestampIsTheDefault() throws Exception {
    OutputOptions times = OutputOptions.DEFAULT.withFields(List.of(OutputField.TIMESTAMP));
    List<Long> seen = new ArrayList<>();
    var builder =
        RnnFunction.builder(ModelDirectory.words(directory).toString(), Payment.class)
            .word(payment -> payment.word)
            .with(times);
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<Long, Payment, Prediction>(
            new KeyedProcessOperator<>(builder.build()), Payment::card, Types.LONG)) {
      harness.open();
      harness.processElement(Payment.of(7, 1, "the"), 1234);
      harness.extractOutputValues().forEach(said -> seen.add(said.timestamp()));
    }
    assertThat(seen).containsExactly(1234L);
  }

  @Test
  void theFunctionProvidesTheOutputType() throws Exception {
    RnnFunction<Long, Payment, Scored> function = numbers().build();
    assertThat(function.getProducedType()).isEqualTo(TypeInformation.of(Scored.class));
    assertThat(RnnFunction.of("m").getProducedType())
        .isEqualTo(TypeInformation.of(Prediction.class));
  }

  @Test
  void exactlyOneOfWordAndFeaturesIsSet() {
    var none = RnnFunction.builder("m", Payment.class);
    assertThatThrownBy(none::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("expected one of word, features and value, found none");
    var both = none.word(payment -> payment.word).features(payment -> payment.numbers);
    assertThatThrownBy(both::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("expected one of word, features and value, found several");
  }

  @Test
  void aNameThatIsNoFieldOfTheModelIsRefused() {
    var misspelt =
        RnnFunction.builder("src/test/resources/pytorch-fields/fraud/model", Payment.class)
            .value("amuont", payment -> 1)
            .build();
    assertThatThrownBy(misspelt::check)
        .hasMessage(
            "value: expected a field of the model (merchant, country, amount, gap, hour), found"
                + " 'amuont' (did you mean amount?)");
  }
}
