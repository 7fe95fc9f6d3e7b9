package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The accumulator of {@code RNN} from step to step, without a job. */
class RnnTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String GRU = GOLDEN.resolve("gru/model").toUri().toString();
  private static final String LSTM = GOLDEN.resolve("lstm/model").toUri().toString();
  private static final float[] X = {1, -2, 0.5f, 0, 3, -0.25f}; // for both models

  private final Rnn rnn = new Rnn();

  @BeforeEach
  void open() {
    rnn.open(new FunctionContext(null, null, null));
  }

  @AfterEach
  void close() {
    rnn.close();
  }

  private RowData step(ArrayData state, String model, float... x) throws Exception {
    rnn.accumulate(state, model, new GenericArrayData(x));
    return rnn.getValue(state);
  }

  private static float[] prediction(RowData row) {
    return row.getArray(2).toFloatArray();
  }

  private static int[] words(ArrayData state) {
    return state.toIntArray();
  }

  @Test
  void aStateOfAnotherModelIsDropped() throws Exception {
    ArrayData state = rnn.createAccumulator();
    RowData first = step(state, GRU, X);
    RowData second = step(state, GRU, X);
    assertThat(second.getLong(0)).isEqualTo(2);
    RowData ofOther = step(state, LSTM, X);
    assertThat(ofOther.getLong(0)).isEqualTo(1);
    assertThat(prediction(ofOther)).isEqualTo(prediction(step(rnn.createAccumulator(), LSTM, X)));
    RowData again = step(state, GRU, X);
    assertThat(again.getLong(0)).isEqualTo(1);
    assertThat(prediction(again)).isEqualTo(prediction(first));
    assertThat(prediction(step(state, GRU, X))).isEqualTo(prediction(second));
  }

  @Test
  void aRejectedRowLeavesTheState() throws Exception {
    ArrayData state = rnn.createAccumulator();
    assertThat(step(state, GRU, 1, 2)).isNull();
    assertThat(words(state)).isEmpty();
    step(state, GRU, X);
    int[] before = words(state);
    assertThat(step(state, GRU, 1, 2)).isNull();
    assertThat(step(state, GRU, 1, 2, 3, 4, 5, Float.NaN)).isNull();
    assertThat(words(state)).isEqualTo(before);
    assertThat(step(state, GRU, X).getLong(0)).isEqualTo(2);
    assertThat(words(state)).isNotEqualTo(before);
  }

  @Test
  void accumulatorsShareNothing() throws Exception {
    ArrayData one = rnn.createAccumulator();
    ArrayData other = rnn.createAccumulator();
    step(one, GRU, X);
    step(one, GRU, X);
    assertThat(step(other, GRU, X).getLong(0)).isEqualTo(1);
    assertThat(step(one, GRU, X).getLong(0)).isEqualTo(3);
  }

  /** As RANGE does with rows of the same time, of which there may be many. */
  @Test
  void keepsOnlyTheLastOfSeveralStepsBeforeAResult() throws Exception {
    ArrayData one = rnn.createAccumulator();
    ArrayData other = rnn.createAccumulator();
    for (int i = 0; i < 3; i++) {
      rnn.accumulate(one, GRU, new GenericArrayData(X));
      rnn.accumulate(other, LSTM, new GenericArrayData(X));
    }
    assertThat(rnn.waitingResults()).isEqualTo(2);
    assertThat(rnn.getValue(one).getLong(0)).isEqualTo(3);
    assertThat(rnn.getValue(other).getLong(0)).isEqualTo(3);
    assertThat(rnn.getValue(one).getLong(0)).isEqualTo(3);
  }
}
