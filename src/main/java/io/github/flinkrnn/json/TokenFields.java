package io.github.flinkrnn.json;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Where a token's fields are in the user's JSON, as JSON pointers (RFC 6901).
 *
 * @param pointers by the name of a token's field or of a field of the model; an absent name is at
 *     {@code /name}
 * @param carried the pointers of the values to copy into the prediction
 * @param times the format of {@code timestamp}
 * @param numericStrings whether a string may be the number of a field of the model
 * @param values the fields of the model; empty until the model is known, and if it has none
 */
@Internal
public record TokenFields(
    Map<String, String> pointers,
    List<String> carried,
    TokenTimes times,
    boolean numericStrings,
    List<Value> values)
    implements Serializable {

  /**
   * A field of the model.
   *
   * @param isCategory whether a string is a word, and never a number
   */
  public record Value(String name, boolean isCategory) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The names of a token's fields. */
  public static final List<String> NAMES =
      List.of("key", "token", "features", "seq", "timestamp", "start", "end", "generate");

  private static final long serialVersionUID = 1L;

  /** Each field at the top level under its own name, without carried values. */
  public static final TokenFields TOP_LEVEL = new TokenFields(Map.of(), List.of());

  public TokenFields {
    pointers = new LinkedHashMap<>(pointers);
    carried = new ArrayList<>(carried);
    values = new ArrayList<>(values);
  }

  /** Fields of a model without fields of its own. */
  public TokenFields(Map<String, String> pointers, List<String> carried, TokenTimes times) {
    this(pointers, carried, times, false, List.of());
  }

  /** The same for a model with these fields. */
  public TokenFields withValues(List<Value> ofModel) {
    return new TokenFields(pointers, carried, times, numericStrings, ofModel);
  }

  /** The same with other times. */
  public TokenFields withTimes(TokenTimes others) {
    return new TokenFields(pointers, carried, others, numericStrings, values);
  }

  /** The names of the model's fields; one array for all tokens of a decoder. */
  String[] valueNames() {
    return values.stream().map(Value::name).toArray(String[]::new);
  }

  /** Fields with times in epoch milliseconds. */
  public TokenFields(Map<String, String> pointers, List<String> carried) {
    this(pointers, carried, TokenTimes.MILLIS);
  }

  /** Where a field is. */
  public String pointer(String field) {
    return pointers.getOrDefault(field, "/" + field.replace("~", "~0").replace("/", "~1"));
  }

  /**
   * The names along a pointer: {@code /user/id} is [user, id].
   *
   * @throws IllegalArgumentException if it is not a pointer to a value inside an object
   */
  public static List<String> names(String pointer) {
    if (!pointer.startsWith("/") || pointer.length() < 2) {
      throw new IllegalArgumentException("expected a JSON pointer like /user/id, found " + pointer);
    }
    List<String> names = new ArrayList<>();
    for (String name : pointer.substring(1).split("/", -1)) {
      names.add(name.replace("~1", "/").replace("~0", "~"));
    }
    return names;
  }
}
