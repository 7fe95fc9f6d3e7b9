package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.MiniClusters;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The options of {@code RNN_STEPS} do what those of the operator do, in event time. */
@Timeout(300)
class RnnStepsITCase {
  private static final Path MODEL = Path.of("jobs/log-anomaly/model");
  private static final Path AHEAD_MODEL = Path.of("src/test/resources/look-ahead/rnn-words/model");
  private static final int COUNT = 3_000;

  @RegisterExtension static final MiniClusterExtension FLINK = MiniClusters.withSlots(2);

  /** Options in both forms. Nothing is late, as that would depend on the watermarks' moments. */
  @SuppressWarnings("ImmutableEnumChecker") // the options are immutable
  private enum Case {
    TIMESTAMP(
        "'sequence.order', 'timestamp', 'sequence.idle_timeout', '15s'",
        SequenceOptions.DEFAULT
            .withOrder(OrderOptions.of(OrderOptions.By.TIMESTAMP))
            .withIdleTimeout(Duration.ofSeconds(15), true),
        OutputOptions.DEFAULT.withFields(List.of(OutputField.TOKEN, OutputField.SEQ))),
    IDLE(
        "'sequence.idle_timeout', '15s', 'sequence.max_length', '7'",
        SequenceOptions.DEFAULT.withIdleTimeout(Duration.ofSeconds(15), true).withMaxLength(7),
        OutputOptions.DEFAULT.withFields(List.of(OutputField.TOKEN, OutputField.SEQ))),
    NUMBERS(
        "'sequence.order', 'seq', 'sequence.deduplicate', 'seq', 'sequence.first_seq', '0'",
        SequenceOptions.DEFAULT.withOrder(
            OrderOptions.of(OrderOptions.By.SEQ).withoutDuplicates().from(0)),
        OutputOptions.DEFAULT.withFields(List.of(OutputField.TOKEN, OutputField.SEQ))),
    LAST(
        "'sequence.end_token', '<end>', 'output.emit', 'last', 'output.top_k', '3'",
        SequenceOptions.DEFAULT.withTokens(null, "<end>"),
        OutputOptions.DEFAULT
            .withFields(List.of(OutputField.TOKEN, OutputField.SEQ))
            .withEmit(Emit.of(Emit.When.LAST))
            .withTopK(3)),
    SCORES(
        "'sequence.window', '4', 'output.emit', '{rank_above: 3}', 'output.fields',"
            + " '[token, seq, rank, surprise]'",
        SequenceOptions.DEFAULT.withWindow(4),
        OutputOptions.DEFAULT
            .withFields(
                List.of(OutputField.TOKEN, OutputField.SEQ, OutputField.RANK, OutputField.SURPRISE))
            .withEmit(new Emit(Emit.When.RANK_ABOVE, 3, null, null))),
    AHEAD(
        "'sequence.look_ahead', '2', 'sequence.look_ahead_timeout', '15s',"
            + " 'sequence.idle_timeout', '40s', 'output.provisional', 'true', 'output.fields',"
            + " '[token, seq, prediction]'",
        SequenceOptions.DEFAULT
            .withIdleTimeout(Duration.ofSeconds(40), true)
            .withLookAhead(LookAhead.of(2).withTimeout(Duration.ofSeconds(15))),
        OutputOptions.DEFAULT
            .withFields(List.of(OutputField.TOKEN, OutputField.SEQ, OutputField.PREDICTION))
            .withProvisional());

    private final String options;
    private final SequenceOptions sequence;
    private final OutputOptions output;

    Case(String options, SequenceOptions sequence, OutputOptions output) {
      this.options = options;
      this.sequence = sequence;
      this.output = output;
    }

    private Path model() {
      return this == AHEAD ? AHEAD_MODEL : MODEL;
    }
  }

  /** Tokens of twenty keys: out of order by up to four seconds, some twice, with long pauses. */
  private static List<Token> tokens() throws Exception {
    List<String> words = Files.readAllLines(MODEL.resolve("vocab.txt"));
    Random random = new Random(7);
    int[] next = new int[20];
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      int key = random.nextInt(next.length);
      String word =
          random.nextInt(20) == 0
              ? "<end>"
              : random.nextInt(40) == 0 ? "unheard" : words.get(random.nextInt(29));
      Token token = Token.of("k" + key, word).at(next[key]++).atTime(1000L * i);
      tokens.add(token);
      if (random.nextInt(30) == 0) {
        tokens.add(token);
      }
    }
    for (int i = 0; i + 4 < tokens.size(); i += 1 + random.nextInt(9)) {
      tokens.add(i + random.nextInt(4), tokens.remove(i));
    }
    return tokens;
  }

  @ParameterizedTest
  @EnumSource(Case.class)
  void hasThePredictionsOfTheOperator(Case of) throws Exception {
    List<Token> tokens = tokens();
    Map<String, List<String>> expected = ofTheOperator(of, tokens);
    // Of each key, predictions and rejected tokens; the last model has a word for unknown ones.
    assertThat(expected).hasSize(of == Case.AHEAD ? 20 : 40);
    assertThat(ofSteps(of, tokens)).isEqualTo(expected);
  }

  private static Map<String, List<String>> ofTheOperator(Case of, List<Token> tokens)
      throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    RnnFunction<String, Token, Prediction> function =
        RnnFunction.of(of.model().toString()).with(of.sequence).with(of.output);
    SingleOutputStreamOperator<Prediction> predictions =
        function.applyTo(
            env.fromData(tokens)
                .assignTimestampsAndWatermarks(
                    WatermarkStrategy.<Token>forBoundedOutOfOrderness(Duration.ofSeconds(30))
                        .withTimestampAssigner((token, before) -> token.timestamp()))
                .keyBy(Token::key));
    SingleOutputStreamOperator<String> both =
        predictions.map(p -> p.key() + "|" + text(of, p)).returns(Types.STRING);
    return byKey(
        both.union(
                predictions
                    .getSideOutput(RnnFunction.REJECTED)
                    .map(
                        r ->
                            new String(r.record().key(), UTF_8)
                                + " rejected|"
                                + r.reason().text()
                                + " "
                                + r.detail())
                    .returns(Types.STRING))
            .executeAndCollect());
  }

  private static String text(Case of, Prediction p) {
    String text = p.t() + " " + p.token() + " " + p.seq();
    if (of == Case.LAST) {
      return text + " " + Arrays.toString(p.top()) + Arrays.toString(p.topPrediction());
    }
    if (of == Case.AHEAD) {
      return text + " " + p.isFinal() + Arrays.toString(p.prediction());
    }
    return of == Case.SCORES ? text + " " + p.rank() + " " + p.surprise() : text;
  }

  private static Map<String, List<String>> ofSteps(Case of, List<Token> tokens) throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
    env.setParallelism(1);
    StreamTableEnvironment sql = StreamTableEnvironment.create(env);
    sql.createTemporarySystemFunction("RNN_STEPS", RnnSteps.class);
    List<Row> rows =
        tokens.stream()
            .map(token -> Row.of(token.key(), token.token(), token.seq(), token.timestamp()))
            .toList();
    sql.createTemporaryView(
        "tokens",
        sql.fromDataStream(
            env.fromData(
                rows,
                Types.ROW_NAMED(
                    new String[] {"k", "token", "seq", "ts"},
                    Types.STRING,
                    Types.STRING,
                    Types.LONG,
                    Types.LONG)),
            Schema.newBuilder()
                .column("k", DataTypes.STRING())
                .column("token", DataTypes.STRING())
                .column("seq", DataTypes.BIGINT())
                .column("ts", DataTypes.BIGINT())
                .columnByExpression("rt", "TO_TIMESTAMP_LTZ(ts, 3)")
                .watermark("rt", "rt - INTERVAL '30' SECOND")
                .build()));
    String fields = of.options.contains("output.fields") ? "" : ", 'output.fields', 'token,seq'";
    CloseableIterator<Row> found =
        sql.sqlQuery(
                "SELECT * FROM RNN_STEPS(input => TABLE tokens PARTITION BY k, on_time =>"
                    + " DESCRIPTOR(rt), model => '"
                    + of.model()
                    + "', options => MAP["
                    + of.options
                    + fields
                    + ", 'output.rejects', 'rows'])")
            .execute()
            .collect();
    Map<String, List<String>> byKey = new TreeMap<>();
    try (found) {
      found.forEachRemaining(
          row -> {
            String rejected = row.getField("t") == null ? " rejected|" : "|";
            add(byKey, row.getField("k") + rejected + text(of, row));
          });
    }
    return byKey;
  }

  private static String text(Case of, Row row) {
    if (row.getField("t") == null) {
      return row.getField("reason") + " " + row.getField("detail");
    }
    String text = row.getField("t") + " " + row.getField("token") + " " + row.getField("seq");
    if (of == Case.LAST) {
      List<Object> names = new ArrayList<>();
      List<Object> values = new ArrayList<>();
      for (Row each : row.<Row[]>getFieldAs("top")) {
        names.add(each.getField("label"));
        values.add(each.getField("prediction"));
      }
      return text + " " + names + values;
    }
    if (of == Case.AHEAD) {
      Object[] prediction = row.getFieldAs("prediction");
      return text + " " + row.getField("final") + Arrays.toString(prediction);
    }
    return of == Case.SCORES
        ? text + " " + row.getField("rank") + " " + row.getField("surprise")
        : text;
  }

  private static Map<String, List<String>> byKey(CloseableIterator<String> lines) throws Exception {
    Map<String, List<String>> byKey = new TreeMap<>();
    try (lines) {
      lines.forEachRemaining(line -> add(byKey, line));
    }
    return byKey;
  }

  private static void add(Map<String, List<String>> byKey, String line) {
    int bar = line.indexOf('|');
    byKey
        .computeIfAbsent(line.substring(0, bar), key -> new ArrayList<>())
        .add(line.substring(bar + 1));
  }
}
