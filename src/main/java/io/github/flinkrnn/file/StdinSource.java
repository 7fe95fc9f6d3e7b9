package io.github.flinkrnn.file;

import io.github.flinkrnn.sequence.SourceRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceReader;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceSplit;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The lines of the standard input, for a job in the process that has it. They can be read once: a
 * job with this source cannot recover, and must be set not to try.
 */
public final class StdinSource
    implements Source<SourceRecord, StdinSource.Stdin, Collection<StdinSource.Stdin>>,
        ResultTypeQueryable<SourceRecord> {
  private static final long serialVersionUID = 1L;

  private final int maxBytes;

  /**
   * @param maxBytes the longest line taken; of a longer one only that much is read into memory
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
    return new IteratorSourceReader<>(context);
  }

  @Override
  public SplitEnumerator<Stdin, Collection<Stdin>> createEnumerator(
      SplitEnumeratorContext<Stdin> context) {
    return new IteratorSourceEnumerator<>(context, List.of(new Stdin(maxBytes)));
  }

  @Override
  public SplitEnumerator<Stdin, Collection<Stdin>> restoreEnumerator(
      SplitEnumeratorContext<Stdin> context, Collection<Stdin> checkpoint) {
    throw new UnsupportedOperationException("the standard input cannot be read again");
  }

  @Override
  public SimpleVersionedSerializer<Stdin> getSplitSerializer() {
    return new SplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Collection<Stdin>> getEnumeratorCheckpointSerializer() {
    return new NoSplits();
  }

  /** All of the standard input: the one split. */
  record Stdin(int maxBytes) implements IteratorSourceSplit<SourceRecord, Lines> {
    @Override
    public String splitId() {
      return "stdin";
    }

    @Override
    public Lines getIterator() {
      return new Lines(new LineReader(System.in, "-", maxBytes));
    }

    @Override
    public Stdin getUpdatedSplitForIterator(Lines lines) {
      return this;
    }
  }

  /** The lines to come. */
  static final class Lines implements Iterator<SourceRecord> {
    private final LineReader reader;
    private SourceRecord next;
    private boolean ended;

    private Lines(LineReader reader) {
      this.reader = reader;
    }

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        try {
          next = reader.next();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        ended = next == null;
      }
      return next != null;
    }

    @Override
    public SourceRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      SourceRecord record = next;
      next = null;
      return record;
    }
  }

  /**
   * The bound on a line, and no position: there is none to go back to. A split crosses from
   * enumerator to reader in this form; a checkpoint writes it, and {@link #restoreEnumerator}
   * refuses to use it.
   */
  private static final class SplitSerializer implements SimpleVersionedSerializer<Stdin> {
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

  private static final class NoSplits implements SimpleVersionedSerializer<Collection<Stdin>> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Collection<Stdin> splits) {
      return new byte[0];
    }

    @Override
    public Collection<Stdin> deserialize(int version, byte[] serialized) {
      return List.of();
    }
  }
}
