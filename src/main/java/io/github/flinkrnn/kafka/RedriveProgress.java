package io.github.flinkrnn.kafka;

import io.github.flinkrnn.sequence.Reason;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Which dead letters of a partition are done: all of them before an offset, and those of some
 * reasons in ranges after it, which runs with {@code --reason} or {@code --since} leave. The offset
 * is the committed one of a consumer group, and its metadata has the ranges: {@code
 * late:120-340,400-410;gap:120-341}. So an offset that another program commits is valid too.
 */
final class RedriveProgress {
  /** The broker's default limit for metadata is 4096. */
  private static final int MAX_METADATA = 4000;

  private static final Pattern OF_REASON = Pattern.compile("([a-z-]+):([0-9,-]+)");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

  /** By reason, the first offset of each range that is done, and the first offset after it. */
  private final Map<Reason, TreeMap<Long, Long>> done = new EnumMap<>(Reason.class);

  private RedriveProgress() {
    for (Reason reason : Reason.values()) {
      done.put(reason, new TreeMap<>());
    }
  }

  /**
   * @param committed the committed offset of the partition; null for none
   */
  static RedriveProgress of(OffsetAndMetadata committed) {
    RedriveProgress progress = new RedriveProgress();
    if (committed == null) {
      return progress;
    }
    progress.done.keySet().forEach(reason -> progress.add(reason, 0, committed.offset()));
    Matcher ofReasons = OF_REASON.matcher(committed.metadata());
    while (ofReasons.find()) {
      Optional<Reason> reason = Reason.of(ofReasons.group(1));
      Matcher ranges = RANGE.matcher(ofReasons.group(2));
      while (reason.isPresent() && ranges.find()) {
        progress.add(
            reason.get(), Long.parseLong(ranges.group(1)), Long.parseLong(ranges.group(2)));
      }
    }
    return progress;
  }

  /** Marks the dead letters with this reason from an offset up to another as done. */
  void add(Reason reason, long from, long to) {
    if (from >= to) {
      return;
    }
    TreeMap<Long, Long> ranges = done.get(reason);
    long begin = from;
    long end = to;
    Map.Entry<Long, Long> touching = ranges.floorEntry(end);
    while (touching != null && touching.getValue() >= begin) {
      begin = Math.min(begin, touching.getKey());
      end = Math.max(end, touching.getValue());
      ranges.remove(touching.getKey());
      touching = ranges.floorEntry(end);
    }
    ranges.put(begin, end);
  }

  boolean contains(Reason reason, long offset) {
    Map.Entry<Long, Long> range = done.get(reason).floorEntry(offset);
    return range != null && offset < range.getValue();
  }

  /** The first offset that is not done for each of these reasons. */
  long firstLeft(Collection<Reason> reasons) {
    return reasons.stream().mapToLong(this::firstLeft).min().orElse(0);
  }

  private long firstLeft(Reason reason) {
    return done.get(reason).getOrDefault(0L, 0L);
  }

  /** Whether dead letters that cannot be sent now may be left: each may add a range. */
  boolean hasRoom() {
    return metadata(firstLeft(done.keySet())).length() < MAX_METADATA / 2;
  }

  /**
   * What to commit.
   *
   * @throws RedriveException if there are too many ranges
   */
  OffsetAndMetadata committed() throws RedriveException {
    long before = firstLeft(done.keySet());
    String metadata = metadata(before);
    if (metadata.length() > MAX_METADATA) {
      throw new RedriveException(
          "too many ranges of dead letters are left by --reason and --since; run without them, or"
              + " with another time");
    }
    return new OffsetAndMetadata(before, metadata);
  }

  /** The ranges after an offset. */
  private String metadata(long before) {
    StringJoiner metadata = new StringJoiner(";");
    done.forEach(
        (reason, ranges) -> {
          StringJoiner after = new StringJoiner(",");
          ranges.forEach(
              (from, to) -> {
                if (to > before) {
                  after.add(Math.max(from, before) + "-" + to);
                }
              });
          if (after.length() > 0) {
            metadata.add(reason.text() + ":" + after);
          }
        });
    return metadata.toString();
  }
}
