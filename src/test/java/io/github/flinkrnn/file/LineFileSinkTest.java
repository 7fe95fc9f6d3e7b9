package io.github.flinkrnn.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SinkTransformation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One writer of a file, through checkpoints and restarts. */
@SuppressWarnings("try") // by its signature, close() may throw InterruptedException
class LineFileSinkTest {
  @TempDir private Path directory;
  private Path file;
  private LineFileSink<String> sink;

  @BeforeEach
  @SuppressWarnings("unchecked")
  void createSink() {
    file = directory.resolve("out.jsonl");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(4);
    var end = LineFileSink.attach(env.fromData("x"), file.toString(), new SimpleStringSchema());
    sink =
        (LineFileSink<String>)
            ((SinkTransformation<String, String>) end.getTransformation()).getSink();
    assertThat(end.getTransformation().getParallelism()).isEqualTo(1);
  }

  // The writer does not use its context.
  private StatefulSinkWriter<String, Long> newWriter() throws IOException {
    return sink.createWriter(null);
  }

  private StatefulSinkWriter<String, Long> restoredWriter(Long... lengths) throws IOException {
    return sink.restoreWriter(null, List.of(lengths));
  }

  private String content() throws IOException {
    return Files.readString(file, UTF_8);
  }

  private static void write(StatefulSinkWriter<String, Long> writer, String... lines)
      throws Exception {
    for (String line : lines) {
      writer.write(line, null);
    }
  }

  @Test
  void writesALineEach() throws Exception {
    try (var writer = newWriter()) {
      write(writer, "a", "", "Größe");
      writer.flush(true);
    }
    assertThat(content()).isEqualTo("a\n\nGröße\n");
  }

  @Test
  void remembersHowLongTheFileIs() throws Exception {
    try (var writer = newWriter()) {
      assertThat(writer.snapshotState(1)).containsExactly(0L);
      write(writer, "Größe");
      assertThat(writer.snapshotState(2)).containsExactly(8L);
      assertThat(content()).isEqualTo("Größe\n");
      assertThat(writer.snapshotState(3)).containsExactly(8L);
    }
  }

  @Test
  void cutsTheFileBackToTheCheckpointOnRestart() throws Exception {
    List<Long> checkpoint;
    try (var writer = newWriter()) {
      write(writer, "a", "b");
      checkpoint = writer.snapshotState(1);
      write(writer, "after the checkpoint", "x".repeat(200_000));
    }
    try (var writer = restoredWriter(checkpoint.get(0))) {
      assertThat(content()).isEqualTo("a\nb\n");
      write(writer, "c");
      assertThat(writer.snapshotState(2)).containsExactly(6L);
      write(writer, "d");
      writer.flush(true);
    }
    assertThat(content()).isEqualTo("a\nb\nc\nd\n");
  }

  @Test
  void truncatesTheFileWithoutState() throws Exception {
    Files.writeString(file, "of an earlier job\n");
    try (var writer = newWriter()) {
      write(writer, "a");
      writer.flush(true);
    }
    assertThat(content()).isEqualTo("a\n");
  }

  @Test
  void cutsToNothingForACheckpointBeforeTheFirstLine() throws Exception {
    Files.writeString(file, "after the checkpoint\n");
    restoredWriter(0L).close();
    assertThat(content()).isEmpty();
  }

  /** Lines that a checkpoint counts are missing. To continue would lose them silently. */
  @Test
  void rejectsAFileThatLostLines() throws Exception {
    Files.writeString(file, "a\n");
    assertThatThrownBy(() -> restoredWriter(3L))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": expected at least the 3 bytes of the last checkpoint, found 2");
    assertThat(content()).isEqualTo("a\n");
  }

  @Test
  void flushesBeforeTheJobEnds() throws Exception {
    try (var writer = newWriter()) {
      write(writer, "a");
      writer.flush(true);
      assertThat(content()).isEqualTo("a\n");
    }
  }

  @Test
  void stateKeepsItsBytes() throws Exception {
    SimpleVersionedSerializer<Long> serializer = sink.getWriterStateSerializer();
    byte[] bytes = serializer.serialize(0x0102030405060708L);
    assertThat(bytes).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(serializer.getVersion()).isEqualTo(1);
    assertThat(serializer.deserialize(1, bytes)).isEqualTo(0x0102030405060708L);
    assertThatThrownBy(() -> serializer.deserialize(2, bytes)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> serializer.deserialize(1, new byte[7]))
        .isInstanceOf(IOException.class);
  }
}
