package io.github.flinkrnn.formats.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import io.github.flinkrnn.formats.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The content of a well-formed file is read as it was written, in all four formats. */
class SafeTensorsTest {
  @TempDir private Path directory;

  @Test
  void readsEveryFormatAsFloat32() throws IOException {
    Map<String, Tensor> tensors =
        read(
            new SafeTensorsFile()
                .f32("f32", new int[] {2, 1}, 1.5f, -0f)
                .f64("f64", new int[] {1, 2}, 0.1, 1e-300)
                .bits16("f16", "F16", new int[] {2}, (short) 0x3c01, (short) 0x0001)
                .bits16("bf16", "BF16", new int[] {2}, (short) 0x3f81, (short) 0xc000)
                .bytes());
    assertThat(tensors).containsOnlyKeys("f32", "f64", "f16", "bf16");
    assertThat(tensors.get("f32").shape()).containsExactly(2, 1);
    assertThat(tensors.get("f32").data()).containsExactly(1.5f, -0f);
    assertThat(tensors.get("f64").shape()).containsExactly(1, 2);
    assertThat(tensors.get("f64").data()).containsExactly(0.1f, 0f);
    assertThat(tensors.get("f16").data()).containsExactly(0x1.004p0f, 0x1p-24f);
    assertThat(tensors.get("bf16").data()).containsExactly(1.0078125f, -2f);
  }

  // The order of the entries in the header does not determine the order of their bytes.
  @Test
  void findsEachTensorByItsOffsets() throws IOException {
    String header =
        "{'b':{'data_offsets':[4,8],'shape':[1],'dtype':'F32'},"
            + "'none':{'shape':[0,3],'dtype':'F32','data_offsets':[4,4]},"
            + "'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]}}   ";
    byte[] data = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40};
    Map<String, Tensor> tensors = read(SafeTensorsFile.bytes(header.replace('\'', '"'), data));
    assertThat(tensors.get("a").data()).containsExactly(1f);
    assertThat(tensors.get("a").rank()).isZero();
    assertThat(tensors.get("b").data()).containsExactly(2f);
    assertThat(tensors.get("none").data()).isEmpty();
  }

  @Test
  void readsTensorsLongerThanOnePiece() throws IOException {
    double[] numbers = new double[20_001]; // 160,008 bytes: more than two pieces of 64 KiB
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    SafeTensorsFile file =
        new SafeTensorsFile()
            .f64("long", new int[] {numbers.length}, numbers)
            .f32("after", new int[] {1}, 7);
    Map<String, Tensor> tensors = read(file.bytes());
    float[] read = tensors.get("long").data();
    assertThat(read).hasSize(20_001);
    for (int i = 0; i < read.length; i++) {
      assertThat(read[i]).isEqualTo(i);
    }
    assertThat(tensors.get("after").data()).containsExactly(7f);
  }

  @Test
  void readsFileWithoutTensors() throws IOException {
    assertThat(read(SafeTensorsFile.bytes("{}"))).isEmpty();
  }

  private Map<String, Tensor> read(byte[] bytes) throws IOException {
    Files.write(directory.resolve("model.safetensors"), bytes);
    return SafeTensors.read(ModelFiles.of(directory), "model.safetensors", LoadMemory.of(1 << 30))
        .floats();
  }
}
