package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** The cost of a state per token with RocksDB: serialization and deserialization. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SequenceStateSerializerBenchmark {
  private static final SequenceStateSerializer SERIALIZER = new SequenceStateSerializer();

  @Param({"64", "1024"})
  int floats;

  private final DataOutputSerializer out = new DataOutputSerializer(4200);
  private final DataInputDeserializer in = new DataInputDeserializer();
  private SequenceState hidden;
  private byte[] bytes;

  @Setup
  public void fill() throws IOException {
    Random random = new Random(1);
    float[] values = new float[floats];
    for (int i = 0; i < floats; i++) {
      values[i] = random.nextFloat();
    }
    hidden = new SequenceState(random.nextLong(), 1000, 1_800_000_000_000L, 0, values, null, null);
    bytes = serialize();
    if (!Arrays.equals(values, read().values())) {
      throw new IllegalStateException("other values came back");
    }
  }

  @Benchmark
  public byte[] serialize() throws IOException {
    out.clear();
    SERIALIZER.serialize(hidden, out);
    return out.getCopyOfBuffer();
  }

  @Benchmark
  public Object deserialize() throws IOException {
    return read();
  }

  private SequenceState read() throws IOException {
    in.setBuffer(bytes);
    return SERIALIZER.deserialize(in);
  }
}
