package io.github.flinkrnn.json;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Where a token's fields are: JSON pointers (RFC 6901) into the user's JSON, or {@code header:NAME}
 * for headers of the Kafka record. In a record with an array of tokens, pointers are relative to an
 * element of it, and those that begin with {@code ^} are relative to the record.
 *
 * @param pointers by the name of a token's field or of a field of the model; an absent name is at
 *     {@code /name}
 * @param carried the pointers of the values to copy into the prediction
 * @param times the format of {@code timestamp}
 * @param numericStrings whether a string may be the number of a field of the model
 * @param values the fields of the model; empty until the model is known, and if it has none
 * @param form how records hold tokens and their keys
 */
@Internal
public record TokenFields(
    Map<String, String> pointers,
    List<String> carried,
    TokenTimes times,
    boolean numericStrings,
    List<Value> values,
    RecordForm form)
    implements Serializable {

  /**
   * A field of the model.
   *
   * @param isCategory whether a string is a word, and never a number
   */
  public record Value(String name, boolean isCategory) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** How the place of a field begins that is a header. */
  private static final String HEADER = "header:";

  /** How a pointer begins that is relative to the record, not to an element of its array. */
  private static final String OF_RECORD = "^";

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
    this(pointers, carried, times, false, List.of(), RecordForm.PLAIN);
  }

  /** The same for a model with these fields. */
  public TokenFields withValues(List<Value> ofModel) {
    return new TokenFields(pointers, carried, times, numericStrings, ofModel, form);
  }

  /** The same with other times. */
  public TokenFields withTimes(TokenTimes others) {
    return new TokenFields(pointers, carried, others, numericStrings, values, form);
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
    return pointers.getOrDefault(field, usual(field));
  }

  private static String usual(String field) {
    return "/" + field.replace("~", "~0").replace("/", "~1");
  }

  /** The name of the part of a composite key with this index, for errors. */
  static String keyPart(int index) {
    return "key[" + index + "]";
  }

  /** The name of a field or a part of the key, with its place unless that is the usual one. */
  String placed(String field) {
    String place = pointer(field);
    for (int i = 0; i < form.keyParts().size(); i++) {
      place = field.equals(keyPart(i)) ? form.keyParts().get(i) : place;
    }
    return place.equals(usual(field)) ? field : field + " at " + place;
  }

  /** The places of all fields, with those of a composite key, and of the carried values. */
  private List<String> places() {
    List<String> places = new ArrayList<>(pointers.values());
    places.addAll(form.keyParts());
    places.addAll(carried);
    return places;
  }

  /** Whether a field or a prediction needs headers. */
  public boolean useHeaders() {
    return !form.passedHeaders().isEmpty() || places().stream().anyMatch(TokenFields::isHeader);
  }

  /** Whether a place is a header. */
  public static boolean isHeader(String place) {
    return place.startsWith(HEADER);
  }

  /** The name of the header that is this place. */
  public static String headerName(String place) {
    return place.substring(HEADER.length());
  }

  /** Whether a pointer reaches the record, from an element of its array. */
  public static boolean isOfRecord(String place) {
    return place.startsWith(OF_RECORD);
  }

  /** The pointer after {@code ^}, if that is there. */
  public static String withoutMark(String pointer) {
    return isOfRecord(pointer) ? pointer.substring(OF_RECORD.length()) : pointer;
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
