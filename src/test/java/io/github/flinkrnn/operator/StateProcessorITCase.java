package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.api.OperatorIdentifier;
import org.apache.flink.state.api.OperatorTransformation;
import org.apache.flink.state.api.SavepointReader;
import org.apache.flink.state.api.SavepointWriter;
import org.apache.flink.state.api.functions.KeyedStateBootstrapFunction;
import org.apache.flink.state.api.functions.KeyedStateReaderFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A savepoint of the operator, written and read with Flink's State Processor API. */
class StateProcessorITCase {
  private static final OperatorIdentifier RNN = OperatorIdentifier.forUid("rnn");

  /** Two steps of a sequence that another program has computed. */
  public static final class Write extends KeyedStateBootstrapFunction<String, String> {
    private static final long serialVersionUID = 1L;
    private final long model;
    private transient ValueState<SequenceState> states;

    Write(long model) {
      this.model = model;
    }

    @Override
    public void open(OpenContext context) {
      states = getRuntimeContext().getState(RnnFunction.stateDescriptor());
    }

    @Override
    public void processElement(
        String key, KeyedStateBootstrapFunction<String, String>.Context context) throws Exception {
      float[] hidden = {0.5f, -0.25f};
      states.update(new SequenceState(model, 2, 0, 0, hidden, null, null));
    }
  }

  /** The key, t, and the hidden state as a string. */
  public static final class Read extends KeyedStateReaderFunction<String, Tuple2<Long, String>> {
    private static final long serialVersionUID = 1L;
    private transient ValueState<SequenceState> states;

    @Override
    public void open(OpenContext context) {
      states = getRuntimeContext().getState(RnnFunction.stateDescriptor());
    }

    @Override
    public void readKey(
        String key, KeyedStateReaderFunction.Context context, Collector<Tuple2<Long, String>> out)
        throws Exception {
      SequenceState state = states.value();
      out.collect(Tuple2.of(state.t(), key + Arrays.toString(state.values())));
    }
  }

  @TempDir private Path directory;

  @Test
  void aJobContinuesFromAStateThatAProgramWrote() throws Exception {
    Path model = ModelDirectory.words(directory);
    String savepoint = directory.resolve("savepoint").toUri().toString();
    long fingerprint;
    float[] expected;
    try (RnnModel read = RnnModel.load(model);
        var stepper = read.stepper()) {
      fingerprint = read.fingerprint();
      float[] next = new float[2];
      stepper.step(1, new float[] {0.5f, -0.25f}, next); // the second word: cat
      expected = stepper.prediction(stepper.logits(next));
    }
    write(savepoint, fingerprint);

    assertThat(read(savepoint)).containsExactly(Tuple2.of(2L, "k[0.5, -0.25]"));

    Configuration from = new Configuration();
    from.setString("execution.state-recovery.path", savepoint);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(from);
    List<Prediction> said =
        env.fromData(Token.of("k", "cat"))
            .keyBy(Token::key)
            .process(RnnFunction.of(model.toString()))
            .uid("rnn")
            .executeAndCollect(1);
    assertThat(said).extracting(Prediction::t).containsExactly(3L);
    assertThat(said.get(0).prediction()).containsExactly(expected);
  }

  private static void write(String savepoint, long fingerprint) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setRuntimeMode(RuntimeExecutionMode.BATCH);
    var states =
        OperatorTransformation.bootstrapWith(env.fromData("k"))
            .keyBy(key -> key, Types.STRING)
            .transform(new Write(fingerprint));
    SavepointWriter.newSavepoint(env, new HashMapStateBackend(), 128)
        .withOperator(RNN, states)
        .write(savepoint);
    env.execute();
  }

  private static List<Tuple2<Long, String>> read(String savepoint) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    return SavepointReader.read(env, savepoint, new HashMapStateBackend())
        .readKeyedState(RNN, new Read(), Types.STRING, Types.TUPLE(Types.LONG, Types.STRING))
        .executeAndCollect(10);
  }
}
