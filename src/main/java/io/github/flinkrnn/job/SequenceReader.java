package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.operator.Generation;
import io.github.flinkrnn.operator.OnGap;
import io.github.flinkrnn.operator.OrderOptions;
import io.github.flinkrnn.operator.OrderOptions.By;
import io.github.flinkrnn.operator.SequenceOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code sequence} of a job file. */
final class SequenceReader {
  private static final int MAX_BUFFERED = 1_000_000;
  private static final int MAX_WINDOW = 10_000;
  private static final int MAX_GENERATED = 10_000;

  private static final Map<String, Boolean> TIMES = new LinkedHashMap<>();

  static {
    TIMES.put("processing", false);
    TIMES.put("event", true);
  }

  private final Fields fields;

  private SequenceReader(Fields fields) {
    this.fields = fields;
  }

  static SequenceOptions read(Fields fields) {
    SequenceOptions options = new SequenceReader(fields).options();
    fields.rejectUnknown();
    return options;
  }

  private SequenceOptions options() {
    By by = fields.choice("order", names(By.values())).orElse(By.ARRIVAL);
    Duration idleTimeout = Durations.read(fields, "idle_timeout", Duration.ZERO);
    boolean inEventTime = fields.choice("idle_time", TIMES).orElse(false);
    if (inEventTime && idleTimeout.isZero()) {
      throw fields.invalid("idle_time", "expected an idle_timeout with it");
    }
    OrderOptions order = order(by, inEventTime);
    if (by == By.SEQ && !inEventTime && !idleTimeout.isZero()) {
      waitsLessThan(idleTimeout, order.maxWait());
    }
    return new SequenceOptions(
        order,
        idleTimeout,
        inEventTime,
        fields.positive("max_length", Integer.MAX_VALUE).orElse(0),
        fields.text("start_token").orElse(null),
        fields.text("end_token").orElse(null),
        fields.positive("window", MAX_WINDOW).orElse(0),
        fields.has("generate") ? generation(fields.object("generate")) : null);
  }

  private OrderOptions order(By by, boolean idleInEventTime) {
    OrderOptions defaults = OrderOptions.of(by);
    boolean eventTime = by == By.TIMESTAMP || idleInEventTime;
    only(eventTime, "max_out_of_orderness", "order: timestamp or idle_time: event");
    only(eventTime, "idle_partition", "order: timestamp or idle_time: event");
    only(by == By.SEQ, "max_wait", "order: seq");
    only(by != By.ARRIVAL, "max_buffered", "order: seq or timestamp");
    only(by == By.SEQ, "on_gap", "order: seq");
    only(by == By.SEQ, "first_seq", "order: seq");
    Duration maxWait = Durations.read(fields, "max_wait", defaults.maxWait());
    if (maxWait.isZero()) {
      throw fields.invalid("max_wait", "expected at least 1ms, found 0");
    }
    return new OrderOptions(
        by,
        Durations.read(fields, "max_out_of_orderness", defaults.maxOutOfOrderness()),
        Durations.read(fields, "idle_partition", defaults.idlePartition()),
        maxWait,
        fields.positive("max_buffered", MAX_BUFFERED).orElse(defaults.maxBuffered()),
        fields.choice("on_gap", names(OnGap.values())).orElse(defaults.onGap()),
        fields.whole("first_seq", 0, Integer.MAX_VALUE).map(Integer::longValue).orElse(null),
        fields.choice("deduplicate", Map.of("seq", true)).orElse(false));
  }

  /** While a token waits, its sequence would end by silence. */
  private void waitsLessThan(Duration idleTimeout, Duration maxWait) {
    if (maxWait.compareTo(idleTimeout) >= 0) {
      throw fields.invalid(
          "max_wait",
          "expected less than idle_timeout "
              + fields.scalar("idle_timeout").orElseThrow()
              + ", found "
              + fields.scalar("max_wait").orElse("10s, its default"));
    }
  }

  /** An option that would do nothing is a misunderstanding. */
  private void only(boolean applies, String name, String with) {
    if (!applies && fields.has(name)) {
      throw fields.invalid(name, "expected with " + with + " alone");
    }
  }

  private static Generation generation(Fields fields) {
    Optional<String> until = fields.text("until");
    Optional<Integer> max = fields.positive("max", MAX_GENERATED);
    double temperature = fields.number("temperature", 0, 1000).orElse(1.0);
    long seed = fields.whole("seed", 0, Integer.MAX_VALUE).orElse(0);
    fields.rejectUnknown();
    return new Generation(
        until.orElse(null), max.orElseThrow(() -> fields.missing("max")), temperature, seed);
  }

  private static <T extends Enum<T>> Map<String, T> names(T[] values) {
    Map<String, T> names = new LinkedHashMap<>();
    for (T value : values) {
      names.put(value.name().toLowerCase(Locale.ROOT), value);
    }
    return names;
  }
}
