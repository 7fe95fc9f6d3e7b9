package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.sequence.Components;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.PredictionSerializer;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.RejectedRecordSerializer;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.SourceRecordSerializer;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No record and no state is serialized by Kryo, which is slow and ties a savepoint to the class
 * path.
 */
class SerializedTypesTest {

  static Stream<Arguments> serializers() {
    return Stream.of(
        Arguments.of(Token.class, TokenSerializer.class),
        Arguments.of(Prediction.class, PredictionSerializer.class),
        Arguments.of(SourceRecord.class, SourceRecordSerializer.class),
        Arguments.of(RejectedRecord.class, RejectedRecordSerializer.class));
  }

  @ParameterizedTest
  @MethodSource("serializers")
  void recordsAreWrittenByTheirOwnSerializers(Class<?> type, Class<?> serializer) {
    assertThat(withoutGenericTypes(type)).isInstanceOf(serializer);
  }

  @Test
  void aStreamOfAProgramUsesThemToo() {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    TypeInformation<Token> type = env.fromData(Token.of("k", "cat")).getType();
    assertThat(type.createSerializer(new SerializerConfigImpl()))
        .isInstanceOf(TokenSerializer.class);
    assertThat(RnnFunction.REJECTED.getTypeInfo().createSerializer(new SerializerConfigImpl()))
        .isInstanceOf(RejectedRecordSerializer.class);
  }

  /**
   * Fields of POJOs can be columns of a table, and keys. Flink's check of all POJOs is repeated
   * here.
   */
  @ParameterizedTest
  @ValueSource(
      classes = {
        Token.class,
        Prediction.class,
        SourceRecord.class,
        RejectedRecord.class,
        Origin.class
      })
  void recordsArePojosInEveryField(Class<?> type) {
    PojoTypeInfo<?> pojo = (PojoTypeInfo<?>) TypeInformation.of(type);
    List<Field> fields =
        Arrays.stream(type.getDeclaredFields())
            .filter(field -> (field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0)
            .toList();
    assertThat(pojo.getFieldNames())
        .containsExactlyInAnyOrder(fields.stream().map(Field::getName).toArray(String[]::new));
    for (Field field : fields) {
      TypeInformation<?> column = pojo.getTypeAt(field.getName());
      assertThat(column).isEqualTo(TypeInformation.of(field.getType()));
      assertThat(column).isNotInstanceOf(GenericTypeInfo.class);
    }
  }

  @Test
  void theStateIsWrittenByItsOwnSerializer() throws Exception {
    try (RnnHarness harness = RnnHarness.open(GoldenCase.of("rnn-tanh").recurrence())) {
      harness.flink.getOperator().setCurrentKey("k");
      // The backend returns the state that the operator registered, whatever this descriptor
      // requests.
      Object state =
          harness
              .flink
              .getOperator()
              .getKeyedStateBackend()
              .getPartitionedState(
                  VoidNamespace.INSTANCE,
                  VoidNamespaceSerializer.INSTANCE,
                  new ValueStateDescriptor<>("sequence", String.class));
      assertThat(((InternalKvState<?, ?, ?>) state).getValueSerializer())
          .isInstanceOf(SequenceStateSerializer.class);
    }
  }

  static Stream<Object> records() {
    byte[] bytes = {1, 2};
    String[] carried = {"1", null, "{\"a\":2}"};
    Origin origin = new Origin("in", 3, 1L << 40);
    return Stream.of(
        Token.of("k", "cat"),
        Token.of("k", 1, -0f, Float.NaN).first().last(),
        new Token("k", "cat", new float[] {1}, 7L, -1L, true, false, carried, origin),
        new Prediction("k", 1, null, null, null, null, null, null, null, null, null),
        new Prediction(
            "k",
            1L << 40,
            "cat",
            "A",
            new float[] {0.5f},
            new float[] {-1},
            new float[0],
            7L,
            8L,
            "m@1",
            carried),
        new SourceRecord(null, null, 0, null, origin),
        new SourceRecord(bytes, bytes, 2, 5L, null),
        new RejectedRecord(
            Reason.TOO_LARGE, "detail", new SourceRecord(bytes, null, 9, null, origin)),
        new RejectedRecord(Reason.EMPTY, "detail", new SourceRecord(null, bytes, 2, null, null)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void aRecordIsReadAsItWasWritten(Object record) throws Exception {
    @SuppressWarnings("unchecked")
    TypeSerializer<Object> serializer =
        (TypeSerializer<Object>) withoutGenericTypes(record.getClass());
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(record, out);
    Object back = serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    assertThat(back).isNotSameAs(record);
    assertThat(Components.of(back)).isEqualTo(Components.of(record));
    // Records are immutable, so a copy is not needed.
    assertThat(serializer.copy(record)).isSameAs(record);
  }

  private static TypeSerializer<?> withoutGenericTypes(Class<?> type) {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    return TypeInformation.of(type).createSerializer(new SerializerConfigImpl(configuration));
  }
}
