package io.github.flinkrnn.sequence;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of a record between two operators: with our serializer, and with Flink's for POJOs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SerializerBenchmark {
  @Param({"ours", "pojo"})
  String serializer;

  @Param({"word", "features", "label", "numbers"})
  String record;

  private final DataOutputSerializer out = new DataOutputSerializer(4200);
  private final DataInputDeserializer in = new DataInputDeserializer();
  private TypeSerializer<Object> by;
  private Object written;
  private byte[] bytes;

  @Setup
  public void fill() throws IOException {
    Random random = new Random(1);
    Origin origin = new Origin("tokens", 3, 1_000_000);
    long time = 1_700_000_000_000L;
    String key = "letter-17";
    written =
        switch (record) {
          case "word" -> new Token(key, "Watson", null, null, time, false, false, null, origin);
          case "features" ->
              new Token(key, null, floats(random, 32), null, time, false, false, null, origin);
          case "label" -> prediction(key, "Watson", "PER", floats(random, 2));
          case "numbers" -> prediction(key, null, null, floats(random, 8));
          default -> throw new IllegalStateException(record);
        };
    by = serializer(written.getClass());
    serialize();
    bytes = out.getCopyOfBuffer();
    if (!deserialize().getClass().equals(written.getClass())) {
      throw new IllegalStateException("another record came back");
    }
    System.out.println(record + " by " + serializer + ": " + bytes.length + " bytes");
  }

  private static Prediction prediction(String key, String token, String label, float[] y) {
    return new Prediction(key, 6, token, label, y, null, null, null, null, null, null);
  }

  @SuppressWarnings("unchecked")
  private TypeSerializer<Object> serializer(Class<?> type) {
    PojoTypeInfo<Object> info = (PojoTypeInfo<Object>) TypeInformation.of(type);
    SerializerConfigImpl config = new SerializerConfigImpl();
    return serializer.equals("ours")
        ? info.createSerializer(config)
        : info.createPojoSerializer(config);
  }

  private static float[] floats(Random random, int length) {
    float[] floats = new float[length];
    for (int i = 0; i < length; i++) {
      floats[i] = random.nextFloat();
    }
    return floats;
  }

  @Benchmark
  public int serialize() throws IOException {
    out.clear();
    by.serialize(written, out);
    return out.length();
  }

  @Benchmark
  public Object deserialize() throws IOException {
    in.setBuffer(bytes);
    return by.deserialize(in);
  }
}
