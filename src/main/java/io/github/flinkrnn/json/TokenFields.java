package io.github.flinkrnn.json;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a token's fields stand in the user's JSON, as JSON pointers (RFC 6901).
 *
 * @param pointers by the token's field name; a name that is absent stands at {@code /name}
 * @param carried the values to carry into the prediction
 * @param times how {@code timestamp} is written
 */
public record TokenFields(Map<String, String> pointers, List<String> carried, TokenTimes times)
    implements Serializable {

  /** The token's fields, as a record spells them. */
  public static final List<String> NAMES =
      List.of("key", "token", "features", "seq", "timestamp", "start", "end", "generate");

  private static final long serialVersionUID = 1L;

  /** Each field at the top of the object, under its own name; nothing carried. */
  public static final TokenFields TOP_LEVEL = new TokenFields(Map.of(), List.of());

  public TokenFields {
    pointers = new LinkedHashMap<>(pointers);
    carried = new ArrayList<>(carried);
  }

  /** Fields whose times are epoch milliseconds. */
  public TokenFields(Map<String, String> pointers, List<String> carried) {
    this(pointers, carried, TokenTimes.MILLIS);
  }

  String pointer(String field) {
    return pointers.getOrDefault(field, "/" + field);
  }

  /**
   * The names along a pointer: {@code /user/id} is [user, id].
   *
   * @throws IllegalArgumentException when it is no pointer to something inside an object
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
