package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.sequence.Header;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes records for a job. Most are tokens of a few keys, with arbitrary values in place of a
 * field, beside it, or in place of the record. All parts that depend only on the run number are the
 * same in a replay.
 */
final class RecordMaker {
  /** The time around which the times of valid tokens are, in epoch milliseconds. */
  static final long NOW = 1_700_000_000_000L;

  /** The maximum length of a field in bytes: more than a topic accepts by default. */
  private static final int MOST = 1_300_000;

  private static final int KEYS = 4;

  private final FuzzModel model;
  private final TokenFields fields;
  private final long perMilli; // units per millisecond; if negative, milliseconds per unit

  RecordMaker(FuzzModel model, JobFile job) {
    this.model = model;
    this.fields = job.fields();
    perMilli =
        switch (fields.times().unit()) {
          case S -> -1000;
          case MS -> 1;
          case US -> 1000;
          case NS -> 1_000_000;
        };
  }

  /**
   * The value of a Kafka record; null for a tombstone.
   *
   * @param position its approximate position in the stream
   */
  byte[] value(long position, Random random) {
    return switch (random.nextInt(100)) {
      case 0 -> null;
      case 1 -> new byte[0];
      case 2 -> noise(random);
      case 3 -> Hostile.json(random, 0).getBytes(UTF_8);
      case 4 -> Mutator.replaced(token(position, random), 0, new byte[] {0, 0, 0, 0, 7}, 0);
      default -> {
        byte[] token = token(position, random);
        yield random.nextInt(8) > 0 ? token : Mutator.damage(token, random, Mutator.JSON_PIECES);
      }
    };
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(64)];
    random.nextBytes(noise);
    return noise;
  }

  /** The headers of a Kafka record; null for none. */
  Header[] headers(Random random) {
    if (!fields.useHeaders() || random.nextInt(8) == 0) {
      return null;
    }
    List<Header> headers = new ArrayList<>();
    for (String name : List.of("h", "n", "e", "x", "h")) {
      byte[] value =
          switch (random.nextInt(12)) {
            case 0 -> null;
            case 1 -> noise(random);
            case 2 -> Hostile.json(random, 1).getBytes(UTF_8);
            case 3 -> String.valueOf(NOW + random.nextInt(1000)).getBytes(UTF_8);
            case 4 -> "true".getBytes(UTF_8);
            case 5 -> "[1, 2".getBytes(UTF_8);
            default -> String.valueOf(random.nextInt(KEYS)).getBytes(UTF_8);
          };
      if (random.nextInt(6) > 0) {
        headers.add(new Header(name, value));
      }
    }
    return headers.toArray(Header[]::new);
  }

  private byte[] token(long position, Random random) {
    if (!fields.form().isArray()) {
      return element(position, random);
    }
    List<String> names = TokenFields.names(fields.form().each());
    StringBuilder json = new StringBuilder();
    for (String name : names) {
      json.append(name.equals("0") ? "[" : "{\"" + name + "\":");
    }
    json.append('[');
    for (int i = random.nextInt(5); i > 0; i--) {
      boolean isHostile = random.nextInt(8) == 0;
      json.append(
          isHostile ? Hostile.json(random, 1) : new String(element(position, random), UTF_8));
      json.append(i > 1 ? "," : "");
    }
    json.append(']');
    for (int i = names.size() - 1; i >= 0; i--) {
      json.append(names.get(i).equals("0") ? "]" : "}");
    }
    return json.toString().getBytes(UTF_8);
  }

  private byte[] element(long position, Random random) {
    Map<String, Object> root = new LinkedHashMap<>();
    if (random.nextInt(4) > 0) {
      put(root, "key", key(random));
    }
    if (model.fields().isEmpty()) {
      put(root, model.ofWords() ? "token" : "features", x(random));
    }
    for (Map.Entry<String, Object> field : model.fields().entrySet()) {
      if (random.nextInt(8) > 0) {
        put(root, field.getKey(), value(field.getValue(), random));
      }
    }
    if (random.nextInt(4) > 0) {
      put(root, "seq", hostile(25, String.valueOf(seq(position, random)), random));
    }
    if (random.nextInt(4) > 0) {
      put(root, "timestamp", hostile(25, time(position, random), random));
    }
    for (String flag : List.of("start", "end", "generate")) {
      if (random.nextInt(12) == 0) {
        put(root, flag, hostile(12, random.nextInt(4) > 0 ? "true" : "false", random));
      }
    }
    for (int more = random.nextInt(3); more > 0; more--) {
      other(root, random);
    }
    StringBuilder json = new StringBuilder();
    write(root, json, random);
    return json.toString().getBytes(UTF_8); // half of a pair becomes a question mark
  }

  private static String hostile(int oneIn, String sound, Random random) {
    return random.nextInt(oneIn) == 0 ? Hostile.json(random, 2) : sound;
  }

  private static String key(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> Hostile.json(random, 2);
      case 1 -> Hostile.quoted(Hostile.string(random), random);
      case 2 -> Hostile.number(random);
      case 3 -> Hostile.quoted("k".repeat(8190 + random.nextInt(6)), random);
      case 4 -> String.valueOf(random.nextInt(KEYS));
      default -> "\"k" + random.nextInt(KEYS) + "\"";
    };
  }

  private String x(Random random) {
    if (random.nextInt(25) == 0) {
      return Hostile.json(random, 2);
    }
    if (model.ofWords()) {
      return switch (random.nextInt(12)) {
        case 0 -> Hostile.quoted(Hostile.string(random), random);
        case 1 -> Hostile.number(random);
        default -> Hostile.quoted(Hostile.one(model.words(), random), random);
      };
    }
    int length = model.features() + (random.nextInt(20) == 0 ? random.nextInt(3) - 1 : 0);
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      numbers.add(
          switch (random.nextInt(6)) {
            case 0 -> Hostile.number(random);
            case 1 -> String.valueOf(random.nextInt(9) - 4);
            case 2 -> "0";
            default -> String.valueOf(random.nextFloat());
          });
    }
    return "[" + String.join(",", numbers) + "]";
  }

  /** The JSON of a field of the model: mostly the value that it takes, or another number. */
  private static String value(Object sound, Random random) {
    if (random.nextInt(12) == 0) {
      return Hostile.json(random, 2);
    }
    if (sound instanceof List<?> numbers) {
      List<String> all = new ArrayList<>();
      for (int i = random.nextInt(30) == 0 ? 1 : 0; i < numbers.size(); i++) {
        all.add(
            switch (random.nextInt(12)) {
              case 0 -> Hostile.number(random);
              case 1 -> "null";
              default -> String.valueOf(random.nextFloat());
            });
      }
      return "[" + String.join(",", all) + "]";
    }
    return switch (random.nextInt(12)) {
      case 0 -> Hostile.number(random);
      case 1 -> Hostile.quoted(Hostile.string(random), random);
      case 2 -> "null";
      case 3 -> sound instanceof Number ? String.valueOf(random.nextInt(5)) : "true";
      default -> sound instanceof String text ? "\"" + text + "\"" : sound.toString();
    };
  }

  private static long seq(long position, Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> position + random.nextInt(20) - 10;
      case 1 -> position - 1;
      case 2 -> random.nextInt(5);
      default -> position;
    };
  }

  private String time(long position, Random random) {
    long millis =
        switch (random.nextInt(12)) {
          case 0 -> NOW - random.nextInt();
          case 1 -> NOW + position * 1000 + 3_600_000L * (random.nextInt(4) - 1);
          case 2 -> random.nextInt(3) - 1;
          default -> NOW + position * 1000 + random.nextInt(5000);
        };
    if (random.nextInt(6) == 0) {
      String iso = java.time.Instant.ofEpochMilli(millis).toString();
      String[] offsets = {"Z", "z", "+01:00", "-0330", "+00", "", "+25:00", "Z+1", "[UTC]"};
      String offset = offsets[random.nextInt(random.nextInt(3) > 0 ? 5 : offsets.length)];
      return Hostile.quoted(iso.replace("Z", offset), random);
    }
    if (perMilli < 0) {
      return millis / -perMilli + (random.nextBoolean() ? "" : "." + random.nextInt(100_000));
    }
    return String.valueOf(millis * perMilli);
  }

  /** Another field: one that a job may carry, one with a strange name, or a duplicate. */
  private static void other(Map<String, Object> root, Random random) {
    switch (random.nextInt(8)) {
      case 0 -> root.put(Hostile.string(random), Hostile.json(random, 0));
      case 1 ->
          root.put(
              "\u0000" + List.of("key", "token", "seq", "x").get(random.nextInt(4)),
              Hostile.json(random, 1));
      case 2 -> root.putIfAbsent("x", "[" + Hostile.json(random, 1) + ",1.10]");
      case 3 -> root.putIfAbsent("user", Hostile.json(random, 0));
      default -> root.putIfAbsent("note", Hostile.quoted(large(random), random));
    }
  }

  private static String large(Random random) {
    return switch (random.nextInt(500)) {
      case 0 -> "x".repeat(random.nextInt(MOST));
      case 1 -> "\u20ac".repeat(random.nextInt(MOST / 3));
      case 2 -> "\u0001".repeat(random.nextInt(MOST / 6)); // each becomes six characters of JSON
      case 3, 4 -> "x".repeat(random.nextInt(140_000));
      case 5, 6 -> "\u20ac".repeat(random.nextInt(70_000));
      default -> Hostile.string(random);
    };
  }

  /** Puts a value, as JSON, where the job reads the field. */
  private void put(Map<String, Object> root, String field, String json) {
    if (TokenFields.isHeader(fields.pointer(field))) {
      return;
    }
    List<String> names = TokenFields.names(fields.pointers().getOrDefault(field, "/" + field));
    Map<String, Object> at = root;
    for (String name : names.subList(0, names.size() - 1)) {
      Object below = at.computeIfAbsent(name, n -> new LinkedHashMap<String, Object>());
      if (!(below instanceof Map)) {
        return; // another field is there
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> map = (Map<String, Object>) below;
      at = map;
    }
    at.put(names.get(names.size() - 1), json);
  }

  private static void write(Map<String, Object> object, StringBuilder json, Random random) {
    boolean list = !object.isEmpty() && random.nextBoolean();
    for (String name : object.keySet()) {
      list &= name.length() == 1 && Character.isDigit(name.charAt(0));
    }
    String between = "";
    json.append(list ? "[" : "{");
    for (Map.Entry<String, Object> field : object.entrySet()) {
      json.append(between);
      between = random.nextInt(20) == 0 ? " , " : ",";
      if (!list) {
        // A name that begins with NUL is a duplicate of the name after it.
        String name = field.getKey();
        boolean again = name.length() > 1 && name.charAt(0) == 0;
        json.append(Hostile.quoted(again ? name.substring(1) : name, random)).append(':');
      }
      if (field.getValue() instanceof Map<?, ?> below) {
        @SuppressWarnings("unchecked")
        Map<String, Object> map = (Map<String, Object>) below;
        write(map, json, random);
      } else {
        json.append(field.getValue());
      }
    }
    json.append(list ? "]" : "}");
  }

  /** The key of a Kafka record. */
  static byte[] recordKey(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> new byte[0];
      case 1 -> noise(random);
      case 2 -> new byte[] {(byte) 0xc0, (byte) 0xaf};
      case 3 -> Hostile.string(random).getBytes(UTF_8);
      case 4 -> new byte[random.nextInt(random.nextInt(50) == 0 ? 1_000_000 : 70_000)];
      case 5, 6, 7, 8, 9, 10 -> ("k" + random.nextInt(KEYS)).getBytes(UTF_8);
      default -> null;
    };
  }

  /**
   * The timestamp of a Kafka record in epoch milliseconds; null for none.
   *
   * @param wild whether it may have any value; after a very large one, all later tokens are late
   */
  static Long recordTime(long position, boolean wild, Random random) {
    return switch (random.nextInt(wild ? 40 : 20)) {
      case 0, 1, 2, 3 -> null;
      case 20 -> Long.MIN_VALUE;
      case 21 -> Long.MAX_VALUE;
      case 22 -> -1L;
      case 23 -> 0L;
      case 24 -> random.nextLong();
      case 25 -> NOW + (1L << 40);
      default -> NOW + position * 1000 + random.nextInt(5000);
    };
  }
}
