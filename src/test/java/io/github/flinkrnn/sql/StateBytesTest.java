package io.github.flinkrnn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The state of a sequence in the bytes of an array. */
class StateBytesTest {
  private static final float[] A = {1, -0.0f, Float.MIN_VALUE};

  private final StateBytes bytes = new StateBytes();

  private static SequenceState state(long t, float... values) {
    SequenceState state = new SequenceState();
    state.become(77, t, 0, 0, 5, values);
    return state;
  }

  private static void assertIs(SequenceState found, long t, float... values) {
    assertThat(found.model()).isEqualTo(77);
    assertThat(found.t()).isEqualTo(t);
    assertThat(found.stepTime()).isEqualTo(5);
    assertThat(found.values()).isEqualTo(values);
  }

  @Test
  void anArrayHasTheState() throws IOException {
    assertIs(bytes.read(bytes.write(state(3, A))), 3, A);
    assertThat(bytes.read(null)).isNull();
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    byte[] other = bytes.write(state(3, A));
    other[0] = 2;
    assertThatThrownBy(() -> bytes.read(other))
        .isInstanceOf(IOException.class)
        .hasMessage("expected a state of format 1, found 2");
  }
}
