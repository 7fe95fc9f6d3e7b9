package io.github.flinkrnn.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.json.TokenDecoder.Reads;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost per record at the endpoints: reading a token from its JSON, and writing a prediction.
 * Words: a word in, word, label and two numbers out. Features: 32 numbers in, as Python writes
 * float32, 8 out.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class JsonBenchmark {
  private final Origin origin = new Origin("tokens", 3, 1_000_000);
  private final PredictionEncoder encoder = new PredictionEncoder(List.of());
  private TokenDecoder wordDecoder;
  private TokenDecoder featuresDecoder;
  private SourceRecord word;
  private SourceRecord features;
  private Prediction label;
  private Prediction numbers;

  @Setup
  public void fill() throws Rejection {
    Random random = new Random(1);
    Reads words = Reads.WORD;
    wordDecoder = new TokenDecoder(TokenFields.TOP_LEVEL, words, TokenDecoder.DEFAULT_MAX_BYTES);
    featuresDecoder =
        new TokenDecoder(TokenFields.TOP_LEVEL, Reads.FEATURES, TokenDecoder.DEFAULT_MAX_BYTES);
    word = record("{\"key\":\"letter-17\",\"token\":\"Watson\"}");
    float[] in = floats(random, 32);
    features = record("{\"key\":\"letter-17\",\"features\":" + Arrays.toString(in) + "}");
    label =
        new Prediction(
            "letter-17",
            6,
            "Watson",
            "PER",
            new float[] {0.0056474702f, 0.9943525f},
            null,
            null,
            null,
            null,
            null,
            null);
    numbers =
        new Prediction(
            "letter-17", 6, null, null, floats(random, 8), null, null, null, null, null, null);
    if (!Arrays.equals(decodeFeatures().features(), in)) {
      throw new IllegalStateException("other numbers came back");
    }
  }

  private SourceRecord record(String json) {
    byte[] value = json.getBytes(UTF_8);
    return new SourceRecord(null, value, value.length, 1_700_000_000_000L, origin);
  }

  private static float[] floats(Random random, int length) {
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }

  @Benchmark
  public Token decodeWord() throws Rejection {
    return wordDecoder.decode(word);
  }

  @Benchmark
  public Token decodeFeatures() throws Rejection {
    return featuresDecoder.decode(features);
  }

  @Benchmark
  public byte[] encodeLabel() {
    return encoder.serialize(label);
  }

  @Benchmark
  public byte[] encodeNumbers() {
    return encoder.serialize(numbers);
  }
}
