package io.github.flinkrnn.bench;

import io.github.flinkrnn.network.PaymentModel;
import io.github.flinkrnn.network.SeededNetwork;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.FloatType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * A bounded stream of tokens that costs almost nothing to generate. Each pass contains each key
 * once, in an order that looks random. Or the keys have frequencies by Zipf's law.
 */
final class TokenStream {
  /**
   * It has no common divisor with a number of keys that is a power of ten, so every key is visited.
   */
  private static final long STRIDE = 618_033_989;

  private static final int FEATURE_VECTORS = 1024;

  private static final int DRAWN = 1 << 22; // then they are repeated

  private TokenStream() {}

  static String key(long token, int keys) {
    return "key-" + token * STRIDE % keys;
  }

  /**
   * @param passes the tokens per key; odd, so that two sources begin at opposite ends of the keys
   */
  static DataStream<Token> of(
      StreamExecutionEnvironment env, int keys, boolean isZipf, long passes, int nX) {
    return env.fromSequence(0, keys * (passes | 1) - 1)
        .uid("numbers")
        .map(new Make(keys, isZipf, nX))
        .returns(TypeInformation.of(Token.class))
        .uid("tokens");
  }

  /**
   * The same keys with payments for {@link PaymentModel}.
   *
   * @param isZipf whether some merchants have far more payments than others, by Zipf's law
   */
  static DataStream<Token> ofPayments(
      StreamExecutionEnvironment env, int keys, boolean isZipf, long passes) {
    return env.fromSequence(0, keys * (passes | 1) - 1)
        .uid("numbers")
        .map(new Make(keys, isZipf, 0))
        .returns(TypeInformation.of(Token.class))
        .uid("tokens");
  }

  /** The same keys and features as rows of a table: the key, and an array of floats. */
  static DataStream<RowData> ofRows(StreamExecutionEnvironment env, int keys, long passes, int nX) {
    return env.fromSequence(0, keys * (passes | 1) - 1)
        .uid("numbers")
        .map(new MakeRows(keys, nX))
        .returns(
            InternalTypeInfo.of(
                RowType.of(
                    new LogicalType[] {
                      new VarCharType(VarCharType.MAX_LENGTH), new ArrayType(new FloatType())
                    },
                    new String[] {"k", "features"})))
        .uid("tokens");
  }

  private static final class MakeRows extends RichMapFunction<Long, RowData> {
    private static final long serialVersionUID = 1L;

    private final int keys;
    private final int nX;

    private transient StringData[] names;
    private transient GenericArrayData[] features;

    MakeRows(int keys, int nX) {
      this.keys = keys;
      this.nX = nX;
    }

    @Override
    public void open(OpenContext context) {
      names = new StringData[keys];
      for (int i = 0; i < keys; i++) {
        names[i] = StringData.fromString(key(i, keys));
      }
      float[][] vectors = SeededNetwork.features(FEATURE_VECTORS, nX, 7);
      features = new GenericArrayData[FEATURE_VECTORS];
      for (int i = 0; i < FEATURE_VECTORS; i++) {
        features[i] = new GenericArrayData(vectors[i]);
      }
    }

    @Override
    public RowData map(Long number) {
      long token = number;
      return GenericRowData.of(
          names[(int) (token % keys)], features[(int) (token % FEATURE_VECTORS)]);
    }
  }

  private static int[] zipf(int n, int count) {
    double[] upTo = new double[n]; // the sum of 1/k
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += 1.0 / (i + 1);
      upTo[i] = sum;
    }
    SplittableRandom random = new SplittableRandom(11);
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      int place = Arrays.binarySearch(upTo, random.nextDouble() * sum);
      drawn[i] = place < 0 ? Math.min(-place - 1, n - 1) : place;
    }
    return drawn;
  }

  private static FieldValues[] payments(boolean isZipf) {
    int[] merchants =
        isZipf
            ? zipf(PaymentModel.MERCHANTS, FEATURE_VECTORS)
            : new Random(3).ints(FEATURE_VECTORS, 0, PaymentModel.MERCHANTS).toArray();
    return PaymentModel.payments(merchants, 7);
  }

  private static final class Make extends RichMapFunction<Long, Token> {
    private static final long serialVersionUID = 1L;

    private final int keys;
    private final boolean isZipf;
    private final int nX;

    private transient String[] names;
    private transient int[] drawn; // numbers of keys by Zipf's law; null for none
    private transient float[][] features;
    private transient FieldValues[] payments; // if there are no features

    Make(int keys, boolean isZipf, int nX) {
      this.keys = keys;
      this.isZipf = isZipf;
      this.nX = nX;
    }

    @Override
    public void open(OpenContext context) {
      names = new String[keys];
      for (int i = 0; i < keys; i++) {
        names[i] = key(i, keys);
      }
      drawn = isZipf && nX > 0 ? zipf(keys, DRAWN) : null;
      features = SeededNetwork.features(FEATURE_VECTORS, nX, 7);
      payments = nX > 0 ? null : payments(isZipf);
    }

    @Override
    public Token map(Long number) {
      long token = number;
      String key = names[drawn == null ? (int) (token % keys) : drawn[(int) (token % DRAWN)]];
      int which = (int) (token % FEATURE_VECTORS);
      return payments == null
          ? Token.of(key, features[which])
          : new Token(
              key, null, null, payments[which], null, null, false, false, false, null, null);
    }
  }
}
