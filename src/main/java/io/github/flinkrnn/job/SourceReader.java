package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.config.Nearest;
import io.github.flinkrnn.job.SourceSpec.From;
import io.github.flinkrnn.job.SourceSpec.Start;
import io.github.flinkrnn.kafka.SourceTopics;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the topics of a job file, and where the source begins in them. */
final class SourceReader {
  private static final int MAX_TOPICS = 1000;
  private static final int MAX_PATTERN = 1000;

  private static final Map<String, Start> STARTS =
      Choices.of(
          List.of("earliest", "latest", "committed"),
          List.of(Start.EARLIEST, Start.LATEST, Start.COMMITTED));

  private SourceReader() {}

  /** The topics of a source: {@code topic}, {@code topics} or {@code topic_pattern}. */
  static SourceTopics topics(Fields fields) {
    boolean one = fields.has("topic");
    boolean list = fields.has("topics");
    boolean pattern = fields.has("topic_pattern");
    if ((one && (list || pattern)) || (list && pattern)) {
      throw fields.invalid(
          pattern ? "topic_pattern" : "topics",
          "expected only one of topic, topics and topic_pattern");
    }
    if (pattern) {
      return matching(fields);
    }
    if (!list) {
      return SourceTopics.of(topic(fields));
    }
    List<String> names = fields.texts("topics", MAX_TOPICS);
    if (names.isEmpty()) {
      throw fields.invalid("topics", "expected at least one topic");
    }
    for (int i = 0; i < names.size(); i++) {
      checked(fields, "topics[" + i + "]", names.get(i));
    }
    return new SourceTopics.Named(names, true);
  }

  /** The topic of a sink, or the only one of a source. */
  static String topic(Fields fields) {
    return checked(fields, "topic", fields.requiredText("topic"));
  }

  private static String checked(Fields fields, String place, String name) {
    Optional<String> problem = SourceTopics.problem(name);
    if (problem.isPresent()) {
      throw fields.invalid(place, problem.get() + ", found " + fields.quoted(place, name));
    }
    return name;
  }

  private static SourceTopics matching(Fields fields) {
    String expression = fields.requiredText("topic_pattern");
    String found = "found " + fields.quoted("topic_pattern", expression);
    if (expression.length() > MAX_PATTERN) {
      throw fields.invalid(
          "topic_pattern", "expected at most " + MAX_PATTERN + " characters, " + found);
    }
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw fields.invalid(
          "topic_pattern",
          "expected a regular expression, " + found + " (" + e.getDescription() + ")");
    }
    return new SourceTopics.Matching(expression);
  }

  /** Where a source begins: the earliest record unless the job file says otherwise. */
  static Start start(Fields fields) {
    Optional<String> text = fields.text("start");
    if (text.isEmpty()) {
      return Start.EARLIEST;
    }
    Start named = STARTS.get(text.get());
    return named != null ? named : new Start(From.TIME, millis(fields, text.get()));
  }

  private static long millis(Fields fields, String text) {
    try {
      long millis = OffsetDateTime.parse(text).toInstant().toEpochMilli();
      if (millis >= 0) { // Kafka has no timestamps before 1970
        return millis;
      }
    } catch (DateTimeException | ArithmeticException e) {
      // reported below
    }
    throw invalidStart(fields, text);
  }

  private static InvalidFileException invalidStart(Fields fields, String text) {
    String quoted = fields.quoted("start", text);
    boolean secret = !quoted.equals("'" + text + "'");
    return fields.invalid(
        "start",
        "expected earliest or latest or committed or a time like 2026-01-31T08:00:00Z, found "
            + quoted
            + (secret ? "" : Nearest.hint(text, STARTS.keySet())));
  }
}
