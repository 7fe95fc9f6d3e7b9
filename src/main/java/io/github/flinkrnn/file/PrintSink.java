package io.github.flinkrnn.file;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;

/**
 * Writes to the standard output (or error) of the process that runs the sink, a line per record.
 * Uses the file descriptor itself, so that other output to System.out does not mix with the
 * records.
 *
 * @param <T> the type of the records
 */
@Internal
public final class PrintSink<T> implements Sink<T> {
  private static final long serialVersionUID = 1L;
  private static final long FLUSH_MILLIS = 50;

  private final boolean toStderr;
  private final SerializationSchema<T> schema;

  private PrintSink(boolean toStderr, SerializationSchema<T> schema) {
    this.toStderr = toStderr;
    this.schema = schema;
  }

  /**
   * Writes a stream to the standard output or error.
   *
   * @param schema serializes a line, without the newline
   */
  public static <T> DataStreamSink<T> attach(
      DataStream<T> stream, boolean toStderr, SerializationSchema<T> schema) {
    return stream.sinkTo(new PrintSink<>(toStderr, schema)).setParallelism(1);
  }

  @Override
  public SinkWriter<T> createWriter(WriterInitContext context) {
    FileDescriptor to = toStderr ? FileDescriptor.err : FileDescriptor.out;
    return new Writer<>(new FileOutputStream(to), schema, context.getProcessingTimeService());
  }

  private static final class Writer<T> implements SinkWriter<T> {
    private final OutputStream out;
    private final SerializationSchema<T> schema;
    private final ProcessingTimeService time;
    private boolean flushComes;

    Writer(OutputStream out, SerializationSchema<T> schema, ProcessingTimeService time) {
      this.out = new BufferedOutputStream(out, 1 << 16);
      this.schema = schema;
      this.time = time;
    }

    @Override
    public void write(T element, Context context) throws IOException {
      out.write(schema.serialize(element));
      out.write('\n');
      if (!flushComes) {
        flushComes = true;
        var unused =
            time.registerTimer(time.getCurrentProcessingTime() + FLUSH_MILLIS, now -> flush(false));
      }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
      flushComes = false;
      out.flush();
    }

    @Override
    public void close() {
      // Does nothing: the end of the input has flushed, the process owns the descriptor, and a
      // failure here would make Flink stop the whole TaskManager.
    }
  }
}
