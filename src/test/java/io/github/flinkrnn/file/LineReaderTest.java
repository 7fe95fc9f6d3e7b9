package io.github.flinkrnn.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.SourceRecord;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of bytes, whatever the bytes and however they arrive. */
class LineReaderTest {
  private static final int CHUNK = 1 << 16;

  private static List<SourceRecord> records(InputStream in, int maxBytes) throws IOException {
    LineReader reader = new LineReader(in, "in.jsonl", maxBytes);
    List<SourceRecord> records = new ArrayList<>();
    for (SourceRecord next = reader.next(); next != null; next = reader.next()) {
      records.add(next);
    }
    assertThat(reader.next()).isNull();
    return records;
  }

  /** Latin-1 shows each byte as one character. */
  private static List<String> lines(String bytes) throws IOException {
    return records(new ByteArrayInputStream(bytes.getBytes(ISO_8859_1)), 1 << 20).stream()
        .map(record -> new String(record.value(), ISO_8859_1))
        .toList();
  }

  @Test
  void anEmptyFileHasNoLine() throws IOException {
    assertThat(lines("")).isEmpty();
  }

  @Test
  void theLastLineNeedsNoNewline() throws IOException {
    assertThat(lines("a\nb")).containsExactly("a", "b");
    assertThat(lines("a\nb\n")).containsExactly("a", "b");
  }

  @Test
  void emptyLinesAreLines() throws IOException {
    assertThat(lines("\n")).containsExactly("");
    assertThat(lines("\n\na\n\n")).containsExactly("", "", "a", "");
  }

  @Test
  void keepsEveryByteButTheNewline() throws IOException {
    assertThat(lines("a\r\nb\rc\n\0\u00ff\u00fe\u0085\n"))
        .containsExactly("a\r", "b\rc", "\0\u00ff\u00fe\u0085");
  }

  @Test
  void countsLinesFromZero() throws IOException {
    assertThat(records(new ByteArrayInputStream("a\n\nb".getBytes(UTF_8)), 10))
        .extracting(SourceRecord::origin)
        .containsExactly(
            new Origin("in.jsonl", 0, 0),
            new Origin("in.jsonl", 0, 1),
            new Origin("in.jsonl", 0, 2));
  }

  @Test
  void hasNeitherKeyNorTime() throws IOException {
    SourceRecord record = records(new ByteArrayInputStream(new byte[] {'a'}), 10).get(0);
    assertThat(record.key()).isNull();
    assertThat(record.timestamp()).isNull();
    assertThat(record.length()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 200_000})
  void joinsALineAcrossChunks(int length) throws IOException {
    String line = "x".repeat(length);
    assertThat(lines(line)).containsExactly(line);
    assertThat(lines(line + "\n")).containsExactly(line);
    assertThat(lines(line + "\nb\n")).containsExactly(line, "b");
    assertThat(lines("a\n" + line + "\n\nb")).containsExactly("a", line, "", "b");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 70_000})
  void keepsTheBeginningAndTheLengthOfALineThatIsTooLong(int bound) throws IOException {
    String line = "x".repeat(1_000_000);
    List<SourceRecord> records =
        records(new ByteArrayInputStream((line + "\nb\n").getBytes(UTF_8)), bound);
    assertThat(records).hasSize(2);
    assertThat(records.get(0).value()).isEqualTo("x".repeat(bound).getBytes(UTF_8));
    assertThat(records.get(0).length()).isEqualTo(1_000_000);
    assertThat(records.get(1).value()).isEqualTo("b".getBytes(UTF_8));
    assertThat(records.get(1).origin().offset()).isEqualTo(1);
  }

  @Test
  void keepsALineOfExactlyTheMaximumLength() throws IOException {
    SourceRecord record = records(new ByteArrayInputStream("abcde\n".getBytes(UTF_8)), 5).get(0);
    assertThat(record.value()).isEqualTo("abcde".getBytes(UTF_8));
    assertThat(record.length()).isEqualTo(5);
  }

  /** A pipe returns the bytes that are available. */
  @Test
  void doesNotDependOnHowTheBytesArrive() throws IOException {
    Random random = new Random(7);
    byte[] bytes = new byte[100_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(50) == 0 ? '\n' : random.nextInt(256));
    }
    List<SourceRecord> dripping = records(new Dripping(bytes, new Random(8)), 1 << 20);
    List<SourceRecord> whole = records(new ByteArrayInputStream(bytes), 1 << 20);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(dripping.get(i).value()).isEqualTo(whole.get(i).value());
    }
    assertThat(dripping).hasSameSizeAs(whole);
    assertThat(whole.size()).isGreaterThan(1000);
  }

  private static final class Dripping extends FilterInputStream {
    private final Random random;

    Dripping(byte[] bytes, Random random) {
      super(new ByteArrayInputStream(bytes));
      this.random = random;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      return super.read(to, offset, Math.min(length, 1 + random.nextInt(30)));
    }
  }
}
