package io.github.flinkrnn.sequence;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoField;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;

/**
 * A record as Flink sees it: a POJO, whose fields can be keys and columns, but with a serializer of
 * its own.
 */
final class RecordType<T> extends PojoTypeInfo<T> {
  private static final long serialVersionUID = 1L;

  private final RecordSerializer<T> serializer;

  private RecordType(Class<T> type, List<PojoField> fields, RecordSerializer<T> serializer) {
    super(type, fields);
    this.serializer = serializer;
  }

  /**
   * @param fields each of the record's components; Flink cannot be asked for them, for it would ask
   *     back
   */
  static <T> RecordType<T> of(
      Class<T> type, Map<String, TypeInformation<?>> fields, RecordSerializer<T> serializer) {
    List<PojoField> found = new ArrayList<>();
    for (Map.Entry<String, TypeInformation<?>> field : fields.entrySet()) {
      try {
        found.add(new PojoField(type.getDeclaredField(field.getKey()), field.getValue()));
      } catch (NoSuchFieldException e) {
        throw new IllegalArgumentException(type + " has no " + field.getKey(), e);
      }
    }
    return new RecordType<>(type, found, serializer);
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
}
