package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
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

/**
 * {@code RNN} in {@code OVER}, in streaming and in batch, and {@code RNN_STEPS} give the bits of
 * the operator, also after failures.
 */
@Timeout(300)
class SqlBitsITCase {
  private static final Path MODEL = Path.of("jobs/name-tagging/model");
  private static final int COUNT = 20_000;

  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(4);

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

  /** Rows of the tokens, fast or, with failures, over some seconds. */
  private static DataStream<Row> rows(StreamExecutionEnvironment env, boolean failing) {
    TypeInformation<Row> type =
        Types.ROW_NAMED(
            new String[] {"k", "token", "seq", "ts"},
            Types.STRING,
            Types.STRING,
            Types.LONG,
            Types.LONG);
    FailTwice.reset();
    if (!failing) {
      List<Row> rows = TOKENS.stream().map(SqlBitsITCase::rowOf).toList();
      return env.fromData(rows, type).setParallelism(1);
    }
    GeneratorFunction<Long, Row> nth = i -> rowOf(TOKENS.get(i.intValue()));
    return env.fromSource(
            new DataGeneratorSource<>(nth, COUNT, RateLimiterStrategy.perSecond(6_000), type),
            WatermarkStrategy.noWatermarks(),
            "rows")
        .setParallelism(1)
        .map(new FailTwice())
        .returns(type)
        .setParallelism(1);
  }

  private static Row rowOf(Token token) {
    return Row.of(token.key(), token.token(), token.seq(), token.timestamp());
  }

  /** Fails twice, each time after another completed checkpoint. */
  private static final class FailTwice extends RichMapFunction<Row, Row>
      implements CheckpointListener {
    private static final long serialVersionUID = 1L;
    // Static, because the test and the tasks share one JVM and Flink copies the function.
    private static final AtomicInteger FAILURES = new AtomicInteger();

    private transient int checkpoints; // since the start of the task

    static void reset() {
      FAILURES.set(0);
    }

    @Override
    public Row map(Row row) {
      if (checkpoints > 0 && FAILURES.get() < 2) {
        FAILURES.incrementAndGet();
        throw new IllegalStateException("a failure that the test asked for");
      }
      return row;
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      checkpoints++;
    }
  }

  private static StreamTableEnvironment sql(
      String mode, int parallelism, String backend, boolean failing) {
    Configuration configuration = new Configuration();
    configuration.setString("state.backend.type", backend);
    configuration.setString("execution.runtime-mode", mode);
    if (failing) {
      configuration.setString("execution.checkpointing.interval", "100ms");
      configuration.setString("restart-strategy.type", "fixed-delay");
      configuration.setString("restart-strategy.fixed-delay.attempts", "2");
      configuration.setString("restart-strategy.fixed-delay.delay", "10ms");
    }
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    boolean isBatch = mode.equals("batch");
    StreamTableEnvironment sql =
        StreamTableEnvironment.create(
            env,
            isBatch ? EnvironmentSettings.inBatchMode() : EnvironmentSettings.inStreamingMode());
    Schema.Builder schema =
        Schema.newBuilder()
            .column("k", DataTypes.STRING())
            .column("token", DataTypes.STRING())
            .column("seq", DataTypes.BIGINT())
            .column("ts", DataTypes.BIGINT())
            .columnByExpression("rt", "TO_TIMESTAMP_LTZ(ts, 3)");
    if (!isBatch) {
      schema.columnByExpression("pt", "PROCTIME()").watermark("rt", "rt");
    }
    sql.createTemporaryView("tokens", sql.fromDataStream(rows(env, failing), schema.build()));
    sql.createTemporarySystemFunction("RNN", Rnn.class);
    sql.createTemporarySystemFunction("RNN_STEPS", RnnSteps.class);
    return sql;
  }

  /** By number and key: t, label and the bits of y&lt;t&gt;; without rows whose t is NULL. */
  @SuppressWarnings("try") // a test may be interrupted
  private static Map<String, String> found(StreamTableEnvironment sql, String query)
      throws Exception {
    Map<String, String> found = new TreeMap<>();
    int nulls = 0;
    try (CloseableIterator<Row> results = sql.sqlQuery(query).execute().collect()) {
      while (results.hasNext()) {
        Row row = results.next();
        if (row.getField("t") == null) {
          nulls++;
          continue;
        }
        String before =
            found.put(
                row.getField("seq") + " " + row.getField("k"),
                row.getField("t")
                    + " "
                    + row.getField("label")
                    + " "
                    + Arrays.toString(row.<Float[]>getFieldAs("prediction")));
        assertThat(before).isNull();
      }
    }
    assertThat(found).hasSize(COUNT - nulls).hasSizeLessThan(COUNT);
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "streaming, pt, ROWS, 1, hashmap, false",
    "streaming, pt, RANGE, 3, rocksdb, true",
    "streaming, rt, ROWS, 3, hashmap, true",
    "streaming, rt, ROWS, 1, rocksdb, false",
    "batch, rt, ROWS, 3, hashmap, false"
  })
  void overHasTheBitsOfTheOperator(
      String mode, String by, String frame, int parallelism, String backend, boolean failing)
      throws Exception {
    String query =
        "SELECT k, seq, y.t, y.label, y.prediction FROM (SELECT k, seq, RNN('"
            + MODEL
            + "', token) OVER (PARTITION BY k ORDER BY "
            + by
            + " "
            + frame
            + " BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y FROM tokens)";
    assertThat(found(sql(mode, parallelism, backend, failing), query)).isEqualTo(expected);
    assertThat(FailTwice.FAILURES.get()).isEqualTo(failing ? 2 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "1, hashmap, false, ''",
    "3, rocksdb, false, ''",
    "1, rocksdb, true, 'on_time => DESCRIPTOR(rt), '",
    "3, hashmap, true, ''"
  })
  void stepsHaveTheBitsOfTheOperator(
      int parallelism, String backend, boolean failing, String onTime) throws Exception {
    String query =
        "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY k, "
            + onTime
            + "model => '"
            + MODEL
            + "', options => MAP['output.fields', 'label,prediction', 'output.carry', 'seq',"
            + " 'output.rejects', 'rows'])";
    assertThat(found(sql("streaming", parallelism, backend, failing), query)).isEqualTo(expected);
    assertThat(FailTwice.FAILURES.get()).isEqualTo(failing ? 2 : 0);
  }
}
