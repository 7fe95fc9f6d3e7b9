package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.rules.Generation;
import io.github.flinkrnn.rules.LookAhead;
import io.github.flinkrnn.rules.OnGap;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.SequenceOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code sequence} of a job file. */
final class SequenceReader {
  private static final Duration MAX_AHEAD = Duration.ofHours(1);

  private static final Map<String, Boolean> TIMES =
      Choices.of(List.of("processing", "event"), List.of(false, true));
  private static final Map<String, Boolean> DEDUPLICATE =
      Choices.of(List.of("seq", "off"), List.of(true, false));

  private final Fields fields;

  private SequenceReader(Fields fields) {
    this.fields = fields;
  }

  /**
   * The content of the section.
   *
   * @param maxAhead how far a token's time may be ahead of its Kafka record's, where times decide
   *     something; zero for unlimited
   * @param saysMaxAhead whether the job file says it
   */
  record Section(SequenceOptions options, Duration maxAhead, boolean saysMaxAhead) {}

  static Section read(Fields fields) {
    SequenceReader reader = new SequenceReader(fields);
    SequenceOptions options = reader.options();
    boolean says = fields.has("max_ahead");
    Duration maxAhead = Quantities.duration(fields, "max_ahead", MAX_AHEAD);
    fields.rejectUnknown();
    return new Section(options, maxAhead, says);
  }

  private SequenceOptions options() {
    By by = fields.choice("order", Choices.of(By.values())).orElse(By.ARRIVAL);
    Duration idleTimeout = Quantities.duration(fields, "idle_timeout", Duration.ZERO);
    boolean inEventTime = fields.choice("idle_time", TIMES).orElse(false);
    return new SequenceOptions(
        order(by, inEventTime),
        idleTimeout,
        inEventTime,
        fields.positive("max_length", Integer.MAX_VALUE).orElse(0),
        fields.text("start_token").orElse(null),
        fields.text("end_token").orElse(null),
        fields.positive("window", SequenceOptions.MAX_WINDOW).orElse(0),
        fields.has("generate") ? generation(fields.object("generate")) : null,
        lookAhead());
  }

  private LookAhead lookAhead() {
    boolean looksAhead = fields.has("look_ahead");
    only(looksAhead, "look_ahead_timeout", "look_ahead");
    Duration timeout = Quantities.duration(fields, "look_ahead_timeout", Duration.ZERO);
    if (!looksAhead) {
      return null;
    }
    boolean isEnd = fields.isString("look_ahead");
    if (isEnd && !fields.text("look_ahead").orElse("").equals("end")) {
      throw fields.invalid(
          "look_ahead",
          "expected a number of tokens or end, found '"
              + fields.text("look_ahead").orElse("")
              + "'");
    }
    int tokens =
        isEnd ? LookAhead.END : fields.whole("look_ahead", 0, LookAhead.MAX_TOKENS).orElseThrow();
    return new LookAhead(tokens, timeout);
  }

  private OrderOptions order(By by, boolean idleInEventTime) {
    OrderOptions defaults = OrderOptions.of(by);
    boolean eventTime = by == By.TIMESTAMP || idleInEventTime;
    only(eventTime, "max_out_of_orderness", "order: timestamp or idle_time: event");
    only(eventTime, "idle_partition", "order: timestamp or idle_time: event");
    fields.has("max_ahead"); // its place among the known fields; JobValidator checks its use
    only(by == By.SEQ, "max_wait", "order: seq");
    only(by != By.ARRIVAL, "max_buffered", "order: seq or timestamp");
    only(by == By.SEQ, "on_gap", "order: seq");
    only(by == By.SEQ, "first_seq", "order: seq");
    return new OrderOptions(
        by,
        Quantities.duration(fields, "max_out_of_orderness", defaults.maxOutOfOrderness()),
        Quantities.duration(fields, "idle_partition", defaults.idlePartition()),
        Quantities.duration(fields, "max_wait", defaults.maxWait()),
        fields.positive("max_buffered", OrderOptions.MAX_BUFFERED).orElse(defaults.maxBuffered()),
        fields.choice("on_gap", Choices.of(OnGap.values())).orElse(defaults.onGap()),
        fields.whole("first_seq", 0, Integer.MAX_VALUE).map(Integer::longValue).orElse(null),
        fields.choice("deduplicate", DEDUPLICATE).orElse(false));
  }

  /** Rejects an option that has no effect. */
  private void only(boolean applies, String name, String with) {
    if (!applies && fields.has(name)) {
      throw fields.invalid(name, "expected only with " + with);
    }
  }

  private static Generation generation(Fields fields) {
    Optional<String> until = fields.text("until");
    Optional<Integer> max = fields.positive("max", Generation.MAX_WORDS);
    double temperature = fields.number("temperature", 0, Generation.MAX_TEMPERATURE).orElse(1.0);
    long seed = fields.whole("seed", 0, Integer.MAX_VALUE).orElse(0);
    fields.rejectUnknown();
    return new Generation(
        until.orElse(null), max.orElseThrow(() -> fields.missing("max")), temperature, seed);
  }
}
