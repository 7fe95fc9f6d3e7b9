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
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;

/**
 * One file, a line a record, by one writer. A checkpoint remembers how long the file is; a restart
 * cuts it back to that, so that in the end each line stands there once. A job that starts without
 * state begins the file anew.
 *
 * @param <T> what a line is made of
 */
public final class LineFileSink<T> implements Sink<T>, SupportsWriterState<T, Long> {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final SerializationSchema<T> schema;

  private LineFileSink(String path, SerializationSchema<T> schema) {
    this.path = path;
    this.schema = schema;
  }

  /**
   * Ends a stream in a file.
   *
   * @param path of the machine that runs the sink, and of every machine that may come to run it
   * @param schema makes a line, without the newline
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
    private final boolean cut; // a device like /dev/null has no length to cut it to
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
        throw new IOException(path + " is shorter than at the last checkpoint");
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
      // Not out.close(), which writes: what is not flushed is of no checkpoint, and a failure
      // here after a full disk would have Flink stop the whole TaskManager.
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
        throw new IOException("a file length of format " + version);
      }
      return ByteBuffer.wrap(serialized).getLong();
    }
  }
}
