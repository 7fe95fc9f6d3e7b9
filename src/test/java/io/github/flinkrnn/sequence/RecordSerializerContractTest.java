package io.github.flinkrnn.sequence;

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.testutils.DeeplyEqualsChecker;
import org.junit.jupiter.api.Nested;

/**
 * What Flink requires of every serializer: copies, reuse, sequences, duplicates, and its snapshot.
 */
class RecordSerializerContractTest {
  private static final float OTHER_NAN = Float.intBitsToFloat(0xffc12345);
  private static final Origin ORIGIN = new Origin("in", 3, 1L << 40);
  private static final byte[] BYTES = {1, -2};
  private static final Header[] HEADERS = {new Header("a", BYTES), new Header("", null)};
  private static final String[] CARRIED = {"1", null, "{\"a\":\"Größe\"}"};

  @Nested
  class OfTokens extends Contract<Token> {
    OfTokens() {
      super(
          Token.class,
          new Token[] {
            new Token(null, null, null, null, null, false, false, null, null),
            Token.of("k", "cat"),
            Token.tombstone("k"),
            Token.of("Größe 😀", "\ud800 half\udc00"),
            Token.of("k", 1, -0f, OTHER_NAN).first().last(),
            new Token("k", "", new float[0], 7L, -1L, true, false, new String[0], ORIGIN),
            new Token("", "w".repeat(70_000), null, Long.MIN_VALUE, 0L, false, true, CARRIED, null)
          });
    }
  }

  @Nested
  class OfPredictions extends Contract<Prediction> {
    OfPredictions() {
      super(
          Prediction.class,
          new Prediction[] {
            new Prediction("k", 1, null, null, null, null, null, null, null, null, null),
            new Prediction(
                "k",
                Long.MAX_VALUE,
                "cat",
                "A",
                new float[] {0.5f},
                new float[] {-1, OTHER_NAN},
                new float[300],
                7L,
                Long.MIN_VALUE,
                "m@1",
                CARRIED),
            new Prediction("k", -1, "", "", new float[0], null, null, null, 8L, "m@2", null)
          });
    }
  }

  @Nested
  class OfSourceRecords extends Contract<SourceRecord> {
    OfSourceRecords() {
      super(
          SourceRecord.class,
          new SourceRecord[] {
            new SourceRecord(null, null, 0, null, null),
            new SourceRecord(BYTES, BYTES, 1L << 40, -5L, ORIGIN),
            new SourceRecord(BYTES, BYTES, 2, 5L, ORIGIN, HEADERS, 0, true),
            new SourceRecord(new byte[0], new byte[200_000], 200_000, 5L, new Origin(null, -1, -1))
          });
    }
  }

  @Nested
  class OfRejectedRecords extends Contract<RejectedRecord> {
    OfRejectedRecords() {
      super(
          RejectedRecord.class,
          new RejectedRecord[] {
            new RejectedRecord(
                Reason.EMPTY, "a tombstone", new SourceRecord(null, null, 0, null, null)),
            new RejectedRecord(
                Reason.NOT_FINITE, "features[1]", new SourceRecord(BYTES, BYTES, 2, null, ORIGIN))
          });
    }
  }

  /** The contract for one record type, with the serializer that a stream of it uses. */
  abstract static class Contract<T> extends SerializerTestBase<T> {
    private final Class<T> type;
    private final T[] records;

    Contract(Class<T> type, T[] records) {
      super(
          new DeeplyEqualsChecker()
              .withCustomCheck(
                  (a, b) -> a instanceof Record && b instanceof Record,
                  (a, b, checker) -> Components.same(a, b)));
      this.type = type;
      this.records = records;
    }

    @Override
    protected TypeSerializer<T> createSerializer() {
      return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
    }

    @Override
    protected int getLength() {
      return -1;
    }

    @Override
    protected Class<T> getTypeClass() {
      return type;
    }

    @Override
    protected T[] getTestData() {
      return records;
    }
  }
}
