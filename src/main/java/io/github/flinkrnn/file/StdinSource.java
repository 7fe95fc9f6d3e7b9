package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.SourceRecord;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The lines of the standard input, for a job in the same process. Standard input can be read only
 * once. A job with this source cannot recover, so it must run without restarts and checkpoints.
 */
@Internal
public final class StdinSource
    implements Source<SourceRecord, StdinSource.Stdin, Boolean>, ResultTypeQueryable<SourceRecord> {
  private static final long serialVersionUID = 1L;

  private final int maxBytes;

  /**
   * @param maxBytes how much of a line is read into memory
   */
  public StdinSource(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public TypeInformation<SourceRecord> getProducedType() {
    return TypeInformation.of(SourceRecord.class);
  }

  @Override
  public SourceReader<SourceRecord, Stdin> createReader(SourceReaderContext context) {
    return new StdinReader(context);
  }

  @Override
  public SplitEnumerator<Stdin, Boolean> createEnumerator(SplitEnumeratorContext<Stdin> context) {
    return new OneSplit(context, new Stdin(maxBytes));
  }

  @Override
  public SplitEnumerator<Stdin, Boolean> restoreEnumerator(
      SplitEnumeratorContext<Stdin> context, Boolean checkpoint) {
    throw new UnsupportedOperationException("standard input cannot be read again");
  }

  @Override
  public SimpleVersionedSerializer<Stdin> getSplitSerializer() {
    return new StdinSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
    return new GivenSerializer();
  }

  /** The only split: all of the standard input. */
  record Stdin(int maxBytes) implements SourceSplit {
    @Override
    public String splitId() {
      return "stdin";
    }
  }

  /** Assigns the split to the first reader that asks. */
  private static final class OneSplit implements SplitEnumerator<Stdin, Boolean> {
    private final SplitEnumeratorContext<Stdin> context;
    private final Stdin split;
    private boolean given;

    OneSplit(SplitEnumeratorContext<Stdin> context, Stdin split) {
      this.context = context;
      this.split = split;
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int reader, String host) {
      if (!given) {
        given = true;
        context.assignSplit(split, reader);
      }
      context.signalNoMoreSplits(reader);
    }

    @Override
    public void addSplitsBack(List<Stdin> splits, int reader) {
      throw new UnsupportedOperationException("standard input cannot be read again");
    }

    @Override
    public void addReader(int reader) {}

    @Override
    public Boolean snapshotState(long checkpointId) {
      return given;
    }

    @Override
    public void close() {}
  }

  /** Required by Flink, but not used without checkpoints. */
  private static final class GivenSerializer implements SimpleVersionedSerializer<Boolean> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Boolean given) {
      return new byte[] {(byte) (given ? 1 : 0)};
    }

    @Override
    public Boolean deserialize(int version, byte[] serialized) {
      return serialized[0] == 1;
    }
  }

  /** For the assignment of the split to a reader. */
  private static final class StdinSerializer implements SimpleVersionedSerializer<Stdin> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Stdin split) {
      return ByteBuffer.allocate(Integer.BYTES).putInt(split.maxBytes()).array();
    }

    @Override
    public Stdin deserialize(int version, byte[] serialized) {
      return new Stdin(ByteBuffer.wrap(serialized).getInt());
    }
  }
}
