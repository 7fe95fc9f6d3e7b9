package io.github.flinkrnn.rig.fuzz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;

/**
 * The sections {@code sequence} and {@code output} of a job file, and the options of {@code source}
 * for records: any valid combination of options.
 */
final class RandomJob {
  private final Random random;
  private final FuzzModel model;
  private final Map<String, String> source = new LinkedHashMap<>();
  private final Map<String, String> sequence = new LinkedHashMap<>();
  private final Map<String, String> output = new LinkedHashMap<>();

  RandomJob(FuzzModel model, Random random) {
    this.model = model;
    this.random = random;
    source();
    sequence();
    output();
  }

  /** A job between files that are never read. */
  String yaml() {
    return "name: fuzz\n"
        + ("model: " + model.directory() + "\n")
        + ("source: {" + place() + sourceFields() + "}\n")
        + "sink: {type: print}\n"
        + (chance(5) ? "" : "dead_letters: {type: print}\n")
        + (chance(2) ? "ends: {type: print}\n" : "")
        + sections();
  }

  /** A file, or a topic with options that only topics have. */
  private String place() {
    if (!chance(3)) {
      return "type: file, path: in.jsonl";
    }
    StringJoiner topic = new StringJoiner(", ");
    topic.add("type: kafka, topic: in, properties: {bootstrap.servers: none}");
    boolean hasParts = false;
    if (!source.containsKey("fields") && chance(2)) {
      String fields =
          one(
              "{key: [/key, 'header:h']}",
              "{key: ['header:h', 'header:n']}",
              "{key: 'header:h', seq: 'header:n', end: 'header:e'}",
              "{timestamp: 'header:n', token: 'header:h', features: 'header:x'}");
      hasParts = fields.contains("[/");
      topic.add("fields: " + fields);
    }
    if (chance(2)) {
      topic.add("key_format: " + one("string", "long", "int", "uuid", "bytes"));
    }
    if (!hasParts && chance(2)) {
      topic.add("tombstone: end");
    }
    return topic.toString();
  }

  /** The fields for {@code source}, after a comma. */
  String sourceFields() {
    String fields = flow(source);
    return fields.isEmpty() ? "" : ", " + fields;
  }

  String sections() {
    return ("sequence: {" + flow(sequence) + "}\n") + ("output: {" + flow(output) + "}\n");
  }

  private static String flow(Map<String, String> fields) {
    StringJoiner flow = new StringJoiner(", ");
    fields.forEach((name, value) -> flow.add(name + ": " + value));
    return flow.toString();
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private String one(String... of) {
    return of[random.nextInt(of.length)];
  }

  private void source() {
    if (model.fields().containsKey("amount") && chance(2)) {
      source.put("fields", one("{amount: /tx/amount}", "{key: /id, amount: /id}"));
    } else if (chance(3)) {
      source.put(
          "fields",
          one(
              "{key: /user/id, token: /event/type, features: /event/x, timestamp: /at}",
              "{key: /a/0, token: /a/1, features: /a/2, seq: /a/3}",
              "{key: /id, token: /id, start: /flags/first, end: /flags/last}",
              "{key: /~1/~0, features: /key}",
              "{key: /user, timestamp: /user/at, seq: /seq/seq/seq}"));
    }
    if (chance(5)) {
      source.put("each", one("/events", "/note/0"));
    }
    if (chance(2)) {
      source.put("time_unit", one("s", "ms", "us", "ns"));
    }
    if (!model.fields().isEmpty() && chance(2)) {
      source.put("numeric_strings", "true");
    }
    if (chance(12)) {
      source.put("max_record_bytes", one("100", "300", "268435456"));
    }
  }

  private void sequence() {
    String order = one("arrival", "arrival", "timestamp", "seq");
    boolean bySeq = order.equals("seq");
    sequence.put("order", order);
    if (chance(4)) {
      sequence.put("deduplicate", "seq");
    }
    boolean inEventTime = false;
    if (chance(2)) {
      sequence.put("idle_timeout", bySeq ? one("1s", "30m", "36500d") : one("1ms", "1s", "36500d"));
      inEventTime = chance(2);
      sequence.put("idle_time", inEventTime ? "event" : "processing");
    }
    if (bySeq) {
      sequence.put("max_wait", one("1ms", "100ms", "900ms"));
      sequence.put("on_gap", one("continue", "restart", "reject"));
      if (chance(3)) {
        sequence.put("first_seq", one("0", "1", "2147483647"));
      }
    }
    if (!order.equals("arrival")) {
      sequence.put("max_buffered", one("1", "3", "1000"));
    }
    if (inEventTime || order.equals("timestamp")) {
      sequence.put("max_out_of_orderness", one("0", "5s", "36500d"));
      sequence.put("idle_partition", one("0", "30s"));
      sequence.put("max_ahead", one("0", "1ms", "1h"));
    }
    lengths();
  }

  private void lengths() {
    if (chance(5)) {
      sequence.put("max_length", one("1", "3"));
    }
    if (chance(5)) {
      sequence.put("window", one("1", "2", "10"));
    }
    if (model.ofWords() && chance(4)) {
      sequence.put("start_token", "'" + model.words().get(1 + random.nextInt(2)) + "'");
    }
    if (model.ofWords() && chance(4)) {
      sequence.put("end_token", "'" + model.words().get(1 + random.nextInt(2)) + "'");
    }
    if (model.saysNext() && chance(3)) {
      sequence.put(
          "generate",
          one(
              "{max: 1}",
              "{max: 20, until: c}",
              "{max: 5, temperature: 0}",
              "{max: 3, temperature: 1000, seed: 7}"));
    }
  }

  private void output() {
    List<String> fields =
        new ArrayList<>(
            List.of(
                "token", "label", "prediction", "logits", "hidden", "seq", "timestamp", "model"));
    if (model.saysNext()) {
      fields.addAll(List.of("rank", "surprise"));
    }
    Collections.shuffle(fields, random);
    output.put("fields", fields.subList(0, random.nextInt(fields.size() + 1)).toString());
    if (chance(3)) {
      output.put("top_k", String.valueOf(1 + random.nextInt(model.outputs())));
    }
    if (chance(2)) {
      output.put("emit", emit());
    }
    if (chance(2)) {
      output.put(
          "carry",
          one(
              "[/note]",
              "[/user/country, /user]",
              "[/x/0, /features]",
              "[/a, /a/2, /event]",
              "[/at, /id, /flags/last]"));
    }
  }

  private String emit() {
    List<String> rules = new ArrayList<>(List.of("each", "last", "last", "{above: 0.5}"));
    if (!model.labels().isEmpty()) {
      rules.add("change");
      rules.add("{above: 0.4, label: " + model.labels().get(0) + "}");
    }
    if (model.saysNext()) {
      rules.add("{rank_above: 1}");
      rules.add("{surprise_above: 0.5}");
    }
    return Hostile.one(rules, random);
  }
}
