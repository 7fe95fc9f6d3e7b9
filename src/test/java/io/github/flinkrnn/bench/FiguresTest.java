package io.github.flinkrnn.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.network.NetworkSize;
import org.junit.jupiter.api.Test;

/** The fields of the results of each benchmark. Other programs read them by these names. */
class FiguresTest {
  private static final LocalFlink.Checkpoint CHECKPOINT = new LocalFlink.Checkpoint(2_773_008, 80);

  private static Rates rates() {
    Rates rates = new Rates(7);
    for (int round = 1; round <= 3; round++) {
      rates.add(0, 1000 * round);
      rates.add(1, 500 * round * round);
      rates.add(2, 100 * round);
      rates.add(3, 475 * round * round);
      rates.add(4, 2000 * round);
      rates.add(5, 250 * round * round);
    }
    return rates;
  }

  @Test
  void ofSteps() {
    StepRounds rounds =
        new StepRounds(new double[] {200, 100, 400}, new double[] {1000, 1000, 1000});
    Figures figures = new Figures();
    BatchRounds batches =
        new BatchRounds(new double[][] {{200, 300, 210}, {150, 160, 140}, {100, 100, 105}});
    figures.add(
        StepsBench.row(
            "LSTM 64/32", rounds, batches, 25_088, 0.351239, 0.5, Double.NaN, 8.9407e-8));

    assertThat(figures.json())
        .isEqualTo(
            """
            [
              {"name":"LSTM 64/32","ours_ns":200,"onnxruntime_ns":1000,"ratio":5,"macs":25088,\
            "fma_peak_fraction":0.35124,"batch_ns":{"1":210,"4":150,"32":100},\
            "one_by_batch_of_32":2,"batch_fma_peak_fraction":0.5,\
            "read_bandwidth_fraction":null,"ratio_p10":3,\
            "ratio_p90":9,"largest_difference":8.9407E-8,"rounds":3}
            ]
            """);
  }

  @Test
  void ofTheOperator() {
    Figures figures = new Figures();
    NetworkSize network = NetworkSize.named("LSTM 256/128");
    OperatorCase where = new OperatorCase(network, "rocksdb", 2, 1_000_000, false, 5);
    figures.add(OperatorBench.row(where, rates(), 268, CHECKPOINT));

    assertThat(figures.json())
        .isEqualTo(
            """
            [
              {"name":"LSTM 256/128","backend":"rocksdb","slots":2,"keys":1000000,\
            "distribution":"uniform","identity_per_s":2000,"ours_per_s":2000,"ours_one_by_one_per_s":1000,\
            "ours_without_cache_per_s":null,\
            "onnxruntime_per_s":200,"onnxruntime_pinned_per_s":1900,"onnxruntime_batched_per_s":4000,\
            "ours_by_identity":1,"ours_by_one_by_one":2,"ours_by_without_cache":null,"ours_by_onnxruntime":10,\
            "ours_by_onnxruntime_pinned":1.0526,"ours_by_onnxruntime_batched":0.5,\
            "rounds":3,"state_bytes_a_key":268,\
            "checkpoint_bytes":2773008,"checkpoint_ms":80}
            ]
            """);
  }

  @Test
  void ofKafka() {
    Figures figures = new Figures();
    KafkaBench.Latency fast =
        new KafkaBench.Latency(new double[] {1.5, 2.5, 3.5}, LocalFlink.Checkpoint.NONE);
    KafkaBench.Latency slow = new KafkaBench.Latency(new double[] {501, 1001, 1101}, CHECKPOINT);
    KafkaBench.Latencies latencies = new KafkaBench.Latencies(1000, fast, slow, fast, slow);
    figures.add(KafkaBench.row("LSTM 64/32", rates(), latencies, 525));

    assertThat(figures.json())
        .isEqualTo(
            """
            [
              {"name":"LSTM 64/32","ours_per_s":2000,"onnxruntime_per_s":200,\
            "identity_per_s":2000,"p50_ms":1.5,"p99_ms":2.5,"p999_ms":3.5,\
            "exactly_once_p50_ms":501,"exactly_once_p99_ms":1001,"exactly_once_p999_ms":1101,\
            "load_per_s":1000,"low_load_p99_ms":2.5,"low_load_one_by_one_p99_ms":1001,"ours_by_onnxruntime":10,"ours_by_identity":1,\
            "with_dead_letters_per_s":1900,"with_dead_letters_by_ours":0.95000,"one_by_one_per_s":4000,\
            "ours_by_one_by_one":0.5,"rounds":3,\
            "keys":10000,"state_bytes_a_key":525,"checkpoint_bytes":2773008,"checkpoint_ms":80}
            ]
            """);
  }

  @Test
  void areReadAsTheyWereWritten() {
    Figures figures = new Figures();
    figures.add(new Figures.Row("a").put("ns", 12_345_678.9).put("fraction", 1e-7));
    figures.add(new Figures.Row("b").put("ns", Double.POSITIVE_INFINITY));

    assertThat(figures.json())
        .isEqualTo(
            """
            [
              {"name":"a","ns":12346000,"fraction":1.0000E-7},
              {"name":"b","ns":null}
            ]
            """);
    assertThat(Figures.parse("f", figures.json()).rows()).hasSize(2);
    assertThatThrownBy(() -> Figures.parse("f.json", "{\"name\":"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage("f.json: expected a JSON array of figures");
  }
}
