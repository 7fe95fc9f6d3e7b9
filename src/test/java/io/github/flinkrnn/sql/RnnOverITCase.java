package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code RNN} in {@code OVER} gives the bits of the operator, in streaming and in batch. */
@Timeout(300)
class RnnOverITCase {
  private static final Path MODEL = Path.of("jobs/name-tagging/model");
  private static final int COUNT = 20_000;

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  private static final List<Token> TOKENS = new ArrayList<>();
  private static Map<String, String> expected;

  @SuppressWarnings("try") // a test may be interrupted
  @BeforeAll
  static void runTheOperator() throws Exception {
    List<String> words = Files.readAllLines(MODEL.resolve("vocab.txt"));
    Random random = new Random(22);
    for (int i = 0; i < COUNT; i++) {
      String word = random.nextInt(50) == 0 ? null : words.get(random.nextInt(words.size()));
      TOKENS.add(Token.of("k" + random.nextInt(100), word).at(i).atTime(1000L * i));
    }
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    expected = new TreeMap<>();
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(MODEL.toString())
            .withFields(OutputField.LABEL, OutputField.PREDICTION, OutputField.SEQ);
    try (CloseableIterator<Prediction> found =
        function.applyTo(env.fromData(TOKENS).keyBy(Token::key)).executeAndCollect()) {
      found.forEachRemaining(
          p ->
              expected.put(
                  p.seq() + " " + p.key(),
                  p.t() + " " + p.label() + " " + Arrays.toString(p.prediction())));
    }
  }

  @SuppressWarnings("try") // a test may be interrupted
  @ParameterizedTest
  @CsvSource({
    "streaming, pt, ROWS, 1, hashmap",
    "streaming, pt, RANGE, 3, rocksdb",
    "streaming, rt, ROWS, 3, hashmap",
    "streaming, rt, ROWS, 1, rocksdb",
    "batch, rt, ROWS, 3, hashmap"
  })
  void hasTheBitsOfTheOperator(
      String mode, String by, String frame, int parallelism, String backend) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", backend);
    configuration.setString("execution.runtime-mode", mode);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    boolean isBatch = mode.equals("batch");
    StreamTableEnvironment sql =
        StreamTableEnvironment.create(
            env,
            isBatch ? EnvironmentSettings.inBatchMode() : EnvironmentSettings.inStreamingMode());
    List<Row> rows = new ArrayList<>();
    TOKENS.forEach(
        token -> rows.add(Row.of(token.key(), token.token(), token.seq(), token.timestamp())));
    Schema.Builder schema =
        Schema.newBuilder()
            .column("k", DataTypes.STRING())
            .column("word", DataTypes.STRING())
            .column("seq", DataTypes.BIGINT())
            .column("ts", DataTypes.BIGINT())
            .columnByExpression("rt", "TO_TIMESTAMP_LTZ(ts, 3)");
    if (!isBatch) {
      schema.columnByExpression("pt", "PROCTIME()").watermark("rt", "rt");
    }
    sql.createTemporaryView(
        "tokens",
        sql.fromDataStream(
            env.fromData(
                    rows,
                    Types.ROW_NAMED(
                        new String[] {"k", "word", "seq", "ts"},
                        Types.STRING,
                        Types.STRING,
                        Types.LONG,
                        Types.LONG))
                .setParallelism(1),
            schema.build()));
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    Map<String, String> found = new TreeMap<>();
    int nulls = 0;
    try (CloseableIterator<Row> results =
        sql.sqlQuery(
                "SELECT k, seq, RNN('"
                    + MODEL
                    + "', word) OVER (PARTITION BY k ORDER BY "
                    + by
                    + " "
                    + frame
                    + " BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM tokens")
            .execute()
            .collect()) {
      while (results.hasNext()) {
        Row row = results.next();
        Row y = row.getFieldAs("y");
        if (y == null) {
          nulls++;
        } else {
          found.put(
              row.getField("seq") + " " + row.getField("k"),
              y.getField("t")
                  + " "
                  + y.getField("label")
                  + " "
                  + Arrays.toString(y.<Float[]>getFieldAs("prediction")));
        }
      }
    }
    assertThat(found).isEqualTo(expected);
    assertThat(found).hasSize(COUNT - nulls).hasSizeLessThan(COUNT);
  }
}
