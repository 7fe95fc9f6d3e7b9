package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.SimpleStreamFormat;
import org.apache.flink.connector.file.src.reader.StreamFormat;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Reads the lines of a file in order, for Flink's file source. */
@Internal
public final class LineFormat extends SimpleStreamFormat<SourceRecord> {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final int maxBytes;

  private LineFormat(String name, int maxBytes) {
    this.name = name;
    this.maxBytes = maxBytes;
  }

  /**
   * A bounded stream of a file's lines.
   *
   * @param path a URI of any of Flink's file systems
   * @param maxBytes how much of a line is read into memory
   * @param time the watermark strategy, or that for no watermarks
   */
  public static DataStreamSource<SourceRecord> stream(
      StreamExecutionEnvironment env,
      String path,
      int maxBytes,
      WatermarkStrategy<SourceRecord> time) {
    Path file = new Path(path);
    LineFormat lines = new LineFormat(file.getPath(), maxBytes);
    FileSource<SourceRecord> source = FileSource.forRecordStreamFormat(lines, file).build();
    return env.fromSource(source, time, "lines of " + file.getName());
  }

  @Override
  public Reader createReader(Configuration config, FSDataInputStream in) {
    return new Reader(in, new LineReader(in, name, maxBytes));
  }

  @Override
  public TypeInformation<SourceRecord> getProducedType() {
    return TypeInformation.of(SourceRecord.class);
  }

  /** Reads one file. */
  public static final class Reader implements StreamFormat.Reader<SourceRecord> {
    private final FSDataInputStream in;
    private final LineReader lines;

    private Reader(FSDataInputStream in, LineReader lines) {
      this.in = in;
      this.lines = lines;
    }

    @Override
    public SourceRecord read() throws IOException {
      return lines.next();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
