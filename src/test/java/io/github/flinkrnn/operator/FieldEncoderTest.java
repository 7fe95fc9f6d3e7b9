package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.formats.safetensors.SafeTensorsFile;
import io.github.flinkrnn.model.ModelDirectory;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.sequence.FieldValues;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Words that a serializer has read remember their ids: each model must find its own. */
class FieldEncoderTest {
  @TempDir private Path directory;

  private final TokenSerializer writer = new TokenSerializer();
  private final TokenSerializer reader = new TokenSerializer();

  /** A model of two categories with these vocabularies of three words. */
  private FieldEncoder encoder(String name, String unknown, List<String> a, List<String> b)
      throws IOException {
    Path model = Files.createDirectory(directory.resolve(name));
    Files.write(model.resolve("a.txt"), a);
    Files.write(model.resolve("b.txt"), b);
    ModelDirectory.in(model)
        .safetensors(
            new SafeTensorsFile()
                .zeros("rnn.weight_ih_l0", 1, 6)
                .zeros("rnn.weight_hh_l0", 1, 1)
                .zeros("fc.weight", 2, 1))
        .config(
            "{'input': {'fields': ["
                + "{'name': 'a', 'type': 'category', 'vocabulary': 'a.txt'"
                + unknown
                + "},{'name': 'b', 'type': 'category', 'vocabulary': 'b.txt'"
                + unknown
                + "}]}}");
    return FieldEncoder.of(RnnModel.load(model));
  }

  /** A token as a task receives it. */
  private Token received(String a, String b) throws IOException {
    DataOutputSerializer bytes = new DataOutputSerializer(64);
    writer.serialize(Token.of("k", Map.of("a", a, "b", b)), bytes);
    return reader.deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer()));
  }

  private static void reads(FieldEncoder encoder, Token token, int a, int b) {
    assertThat(encoder.read(token)).isNull();
    assertThat(encoder.x()).containsExactly(a, b);
  }

  @Test
  void eachFieldOfEachModelFindsItsOwnId() throws IOException {
    List<String> up = List.of("x", "y", "z");
    List<String> down = List.of("z", "y", "x");
    FieldEncoder one = encoder("one", "", up, down);
    FieldEncoder other = encoder("other", "", down, up);
    for (int round = 0; round < 3; round++) {
      Token token = received("x", "x");
      reads(one, token, 0, 2);
      reads(other, token, 2, 0);
      reads(one, token, 0, 2);
      reads(one, received("z", "x"), 2, 2);
      reads(other, received("y", "z"), 1, 2);
    }
  }

  @Test
  void aWordOfOneModelMayBeUnknownToAnother() throws IOException {
    FieldEncoder knows = encoder("knows", "", List.of("x", "y", "z"), List.of("x", "y", "z"));
    FieldEncoder not = encoder("not", "", List.of("u", "v", "w"), List.of("u", "v", "w"));
    for (int round = 0; round < 2; round++) {
      reads(knows, received("x", "y"), 0, 1);
      assertThat(not.read(received("x", "y")).reason()).isEqualTo(Reason.UNKNOWN_TOKEN);
    }
  }

  @Test
  void anUnknownWordIsCountedEachTime() throws IOException {
    FieldEncoder encoder =
        encoder("m", ",'unknown':'x'", List.of("x", "y", "z"), List.of("z", "y", "x"));
    for (int round = 0; round < 3; round++) {
      reads(encoder, received("never seen", "y"), 0, 1);
      assertThat(FieldEncoder.Mark.UNKNOWN.isIn(encoder.marks()[0])).isTrue();
      assertThat(FieldEncoder.Mark.UNKNOWN.isIn(encoder.marks()[1])).isFalse();
      reads(encoder, received("y", "y"), 1, 1);
      assertThat(encoder.marks()).isNull();
    }
  }

  @Test
  void aWordThatWasReadIsAStringToOthers() throws IOException {
    FieldValues values = received("x", "y").values();
    assertThat(values.get("a")).isEqualTo("x");
    assertThat(values.value(1)).isIn("x", "y");
    assertThat(values).isEqualTo(received("x", "y").values());
    assertThat(values.hashCode()).isEqualTo(received("x", "y").values().hashCode());
    FieldValues own = new FieldValues(new String[] {"a"}, new Object[] {"x"});
    Token sent =
        new Token("k", null, null, own, null, null, false, false, false, null, null, false);
    DataOutputSerializer bytes = new DataOutputSerializer(64);
    writer.serialize(sent, bytes);
    Token back = reader.deserialize(new DataInputDeserializer(bytes.getCopyOfBuffer()));
    assertThat(back.values()).isEqualTo(own).hasToString("{a=x}");
    assertThat(own).isEqualTo(back.values()).hasSameHashCodeAs(back.values());
  }
}
