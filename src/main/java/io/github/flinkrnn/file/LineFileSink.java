package io.github.flinkrnn.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;

/**
 * Writes one file with one writer, a line per record. A checkpoint stores the length of the file,
 * and a restart truncates it to that length, so that each line is written exactly once. A job that
 * starts without state truncates the file to zero.
 *
 * @param <T> the type of the records
 */
@Internal
public final class LineFileSink<T> implements Sink<T>, SupportsWriterState<T, Long> {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final SerializationSchema<T> schema;

  private LineFileSink(String path, SerializationSchema<T> schema) {
    this.path = path;
    this.schema = schema;
  }

  /**
   * Writes a stream to a file.
   *
   * @param path a local path on every machine that may run the sink
   * @param schema serializes a line, without the newline
   */
  public static <T> DataStreamSink<T> attach(
      DataStream<T> stream, String path, SerializationSchema<T> schema) {
    return stream.sinkTo(new LineFileSink<>(path, schema)).setParallelism(1);
  }

  @Override
  public StatefulSinkWriter<T, Long> createWriter(WriterInitContext context) throws IOException {
    return new Writer<>(path, schema, 0);
  }

  @Override
  public StatefulSinkWriter<T, Long> restoreWriter(
      WriterInitContext context, Collection<Long> lengths) throws IOException {
    return new Writer<>(path, schema, lengths.stream().mapToLong(Long::longValue).max().orElse(0));
  }

  @Override
  public SimpleVersionedSerializer<Long> getWriterStateSerializer() {
    return new LengthSerializer();
  }

  private static final class Writer<T> implements StatefulSinkWriter<T, Long> {
    private final SerializationSchema<T> schema;
    private final FileChannel file;
    private final boolean cut; // a device like /dev/null cannot be truncated
    private final OutputStream out;

    Writer(String path, SerializationSchema<T> schema, long length) throws IOException {
      this.schema = schema;
      file = FileChannel.open(Path.of(path), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      cut = Files.isRegularFile(Path.of(path));
      try {
        cutTo(length, path);
      } catch (IOException e) {
        file.close();
        throw e;
      }
      out = new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16);
    }

    private void cutTo(long length, String path) throws IOException {
      if (!cut) {
        return;
      }
      if (file.size() < length) {
        throw new IOException(
            path
                + ": expected at least the "
                + length
                + " bytes of the last checkpoint, found "
                + file.size());
      }
      file.truncate(length).position(length);
    }

    @Override
    public void write(T element, Context context) throws IOException {
      out.write(schema.serialize(element));
      out.write('\n');
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      out.flush();
    }

    @Override
    public List<Long> snapshotState(long checkpointId) throws IOException {
      out.flush();
      if (!cut) {
        return List.of(0L);
      }
      file.force(true);
      return List.of(file.position());
    }

    @Override
    public void close() throws IOException {
      // Not out.close(), which writes: unflushed lines belong to no checkpoint, and with a full
      // disk a failure here would make Flink stop the whole TaskManager.
      file.close();
    }
  }

  private static final class LengthSerializer implements SimpleVersionedSerializer<Long> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Long length) {
      return ByteBuffer.allocate(Long.BYTES).putLong(length).array();
    }

    @Override
    public Long deserialize(int version, byte[] serialized) throws IOException {
      if (version != 1 || serialized.length != Long.BYTES) {
        throw new IOException("expected a file length of format 1, found format " + version);
      }
      return ByteBuffer.wrap(serialized).getLong();
    }
  }
}
