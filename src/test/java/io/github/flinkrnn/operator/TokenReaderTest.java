package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenReaderTest {
  @TempDir private Path directory;

  /** A program may send the same object twice. */
  @Test
  void aTokenThatIsRefusedWasNotRead() throws Exception {
    try (RnnModel model = RnnModel.load(ModelDirectory.words(directory))) {
      TokenReader reader = new TokenReader(model);
      Token known = Token.of("a", "cat");
      Token unknown = Token.of("a", "zebra");
      assertThat(reader.read(known)).isNull();
      assertThat(reader.hasRead(known)).isTrue();
      assertThat(reader.hasRead(unknown)).isFalse();
      assertThat(reader.read(unknown)).isNotNull();
      assertThat(reader.hasRead(unknown)).isFalse();
      assertThat(reader.hasRead(known)).isFalse();
    }
  }
}
