package io.github.flinkrnn.cli;

import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes the rows of a query as JSON, a line each: columns by name, times in ISO 8601, bytes in
 * base64. A row of an updating query that is not inserted has its kind in the field {@code op}.
 */
final class SqlRow {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private SqlRow() {}

  /**
   * @param names of the columns
   * @return one line without its end
   */
  static String json(List<String> names, Row row) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      if (row.getKind() != RowKind.INSERT) {
        json.writeStringProperty("op", row.getKind().shortString());
      }
      for (int i = 0; i < row.getArity(); i++) {
        json.writeName(names.get(i));
        write(row.getField(i), json);
      }
      json.writeEndObject();
    }
    return line.toString();
  }

  private static void write(Object value, JsonGenerator json) {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Row row) {
      writeRow(row, json);
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      map.forEach(
          (key, each) -> {
            json.writeName(String.valueOf(key));
            write(each, json);
          });
      json.writeEndObject();
    } else if (value instanceof byte[] bytes) {
      json.writeBinary(bytes);
    } else if (value instanceof Object[] array) {
      writeAll(Arrays.asList(array), json);
    } else if (value instanceof Collection<?> collection) {
      writeAll(collection, json);
    } else {
      writeScalar(value, json);
    }
  }

  private static void writeRow(Row row, JsonGenerator json) {
    Set<String> names = row.getFieldNames(true);
    json.writeStartObject();
    int i = 0;
    for (String name : names == null ? List.<String>of() : names) {
      json.writeName(name);
      write(row.getField(name), json);
      i++;
    }
    for (; names == null && i < row.getArity(); i++) {
      json.writeName("f" + i);
      write(row.getField(i), json);
    }
    json.writeEndObject();
  }

  private static void writeAll(Collection<?> values, JsonGenerator json) {
    json.writeStartArray();
    values.forEach(each -> write(each, json));
    json.writeEndArray();
  }

  private static void writeScalar(Object value, JsonGenerator json) {
    if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof Float number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number);
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(value.toString()); // strings, and times and intervals in ISO 8601
    }
  }
}
