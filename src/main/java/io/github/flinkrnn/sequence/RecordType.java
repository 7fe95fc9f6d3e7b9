package io.github.flinkrnn.sequence;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoField;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;

/**
 * The Flink type of a record: a POJO type, whose fields can be used as keys and columns, with a
 * custom serializer.
 */
final class RecordType<T> extends PojoTypeInfo<T> {
  private static final long serialVersionUID = 1L;

  private static final Map<Class<?>, Supplier<RecordSerializer<?>>> SERIALIZERS =
      Map.of(
          Token.class, TokenSerializer::new,
          FieldValues.class, FieldValuesSerializer::new,
          Prediction.class, PredictionSerializer::new,
          RejectedRecord.class, RejectedRecordSerializer::new,
          SourceRecord.class, SourceRecordSerializer::new);

  private static final Map<Class<?>, TypeInformation<?>> COLUMNS =
      Map.ofEntries(
          Map.entry(String.class, Types.STRING),
          Map.entry(long.class, Types.LONG),
          Map.entry(Long.class, Types.LONG),
          Map.entry(Integer.class, Types.INT),
          Map.entry(int.class, Types.INT),
          Map.entry(Header[].class, TypeInformation.of(Header[].class)),
          Map.entry(Float.class, Types.FLOAT),
          Map.entry(boolean.class, Types.BOOLEAN),
          Map.entry(Boolean.class, Types.BOOLEAN),
          Map.entry(byte[].class, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO),
          Map.entry(float[].class, PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO),
          Map.entry(String[].class, BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO),
          Map.entry(Reason.class, Types.ENUM(Reason.class)),
          Map.entry(HeadOutput[].class, TypeInformation.of(HeadOutput[].class)),
          Map.entry(Origin.class, Types.POJO(Origin.class)));

  private final RecordSerializer<T> serializer;

  private RecordType(Class<T> type, List<PojoField> fields, RecordSerializer<T> serializer) {
    super(type, fields);
    this.serializer = serializer;
  }

  /** The type information of a class that {@link Factory} serves. */
  @SuppressWarnings("unchecked") // each class in the table is paired with its own serializer
  private static <T> RecordType<T> typeOf(Class<T> type) {
    List<PojoField> fields = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())) {
        fields.add(new PojoField(field, column(field.getType())));
      }
    }
    return new RecordType<>(type, fields, (RecordSerializer<T>) SERIALIZERS.get(type).get());
  }

  /**
   * The type of a field. For these classes, the type extraction in Flink would call the factory
   * again.
   */
  private static TypeInformation<?> column(Class<?> type) {
    return SERIALIZERS.containsKey(type) ? typeOf(type) : COLUMNS.get(type);
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return serializer.duplicate();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof RecordType;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordType && super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  /** Provides the type information, and so the serializer, of these records. */
  public static final class Factory<T> extends TypeInfoFactory<T> {
    @Override
    @SuppressWarnings("unchecked") // Flink passes the class that names this factory
    public TypeInformation<T> createTypeInfo(
        Type type, Map<String, TypeInformation<?>> parameters) {
      return typeOf((Class<T>) type);
    }
  }
}
