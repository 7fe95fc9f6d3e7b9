package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.rules.Emit;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Records through decoder, recurrence and encoder. Each group has another model and other options.
 * Each record must be a token or a dead letter, each token a step, a duplicate or a dead letter,
 * all output must be JSON, and no state and no timer may remain.
 */
final class RecordTarget implements Target {
  /** The largest message that a topic accepts by default. */
  private static final int MOST_LETTER = 1_000_000;

  private static final int MOST_DETAIL = 501; // with the ellipsis
  private static final long HUNDRED_YEARS = 36_500L * 86_400_000;

  private final Path directory;
  private final int together;
  private final List<FuzzModel> models;

  private FuzzModel model;
  private String yaml;
  private JobFile job;
  private RecordPipeline pipeline; // null between groups
  private RecordMaker maker;
  private Counts counts;
  private Tally tally;
  private long position;
  private long restoreAt;
  private boolean wild;

  /**
   * @param together the number of records that a job reads
   */
  RecordTarget(Path directory, int together) throws Exception {
    this.directory = directory;
    this.together = together;
    models = FuzzModel.write(directory);
  }

  @Override
  public String name() {
    return "records";
  }

  @Override
  public int runs() {
    return 1_000_000;
  }

  @Override
  public int together() {
    return together;
  }

  @Override
  public Map<String, byte[]> context() {
    return yaml == null ? Map.of() : Map.of("job.yaml", yaml.getBytes(UTF_8));
  }

  @Override
  public void begin(Random random, Tally all) throws Exception {
    close();
    tally = all;
    model = Hostile.one(models, random);
    yaml = new RandomJob(model, random).yaml();
    Path file = directory.resolve("job.yaml");
    Files.writeString(file, yaml);
    job = JobFileReader.read(file.toString(), List.of(), name -> null);
    maker = new RecordMaker(model, job);
    counts = new Counts();
    pipeline = new RecordPipeline(job, counts);
    position = 0;
    wild = random.nextInt(3) == 0;
    restoreAt = random.nextInt(4 * together); // so this happens in one group of four
  }

  @Override
  public Trial next(Random random) {
    byte[] value = maker.value(position, random);
    byte[] key = RecordMaker.recordKey(random);
    Long time = RecordMaker.recordTime(position, wild, random);
    long length = value == null ? 0 : value.length;
    if (value != null && length > 100 && random.nextInt(200) == 0) {
      value = Arrays.copyOf(value, 100); // as of a long line, only the beginning is kept
      length = Math.max(length, job.maxRecordBytes() + 1L);
    }
    SourceRecord record =
        new SourceRecord(
            key,
            value,
            length,
            time,
            new Origin("fuzz", 0, position),
            maker.headers(random),
            SourceRecord.NO_ELEMENT,
            false);
    long wait = random.nextInt(10) == 0 ? random.nextInt(3000) : random.nextInt(20);
    return new One(record, wait);
  }

  private final class One implements Trial {
    private final SourceRecord record;
    private final long wait;

    One(SourceRecord record, long wait) {
      this.record = record;
      this.wait = wait;
    }

    @Override
    public Map<String, byte[]> files() {
      Map<String, byte[]> files = new LinkedHashMap<>();
      if (record.value() != null) {
        files.put("value", record.value());
      }
      if (record.key() != null) {
        files.put("key", record.key());
      }
      files.put(
          "record.txt",
          ("timestamp " + record.timestamp() + ", length " + record.length() + "\n")
              .getBytes(UTF_8));
      return files;
    }

    @Override
    public String run() throws Exception {
      counts.sent.put(position++, record.value());
      long before = counts.outcomes();
      counts.lastReason = "token";
      pipeline.later(wait);
      pipeline.process(record);
      Checks.expect(
          counts.outcomes() == before + 1 || job.fields().form().isArray(),
          "neither token nor dead letter");
      if (position == restoreAt) {
        pipeline.restore();
      }
      return counts.lastReason;
    }
  }

  /** The output for the records of a group. */
  private final class Counts implements RecordPipeline.Handler {
    private final Map<Long, byte[]> sent = new HashMap<>();
    private final Set<String> keys = new HashSet<>();
    private long tokens;
    private long tombstones;
    private long lettersOfRecords;
    private long lettersOfTokens;
    private long predictions; // for tokens that arrived
    private String lastReason;

    @Override
    public void token(Token token) {
      if (token.tombstone()) {
        tombstones++;
      } else {
        tokens++;
      }
    }

    private long outcomes() {
      return tokens + tombstones + lettersOfRecords;
    }

    @Override
    public void rejected(RejectedRecord rejected, SinkRecord letter, boolean decoded) {
      if (decoded) {
        lettersOfTokens++;
        tally.add("token then " + rejected.reason().text());
      } else {
        lettersOfRecords++;
        lastReason = rejected.reason().text();
      }
      Checks.oneLine(rejected.detail(), MOST_DETAIL);
      JsonNode json = Checks.json(letter.value());
      Checks.expect(letter.value().length <= MOST_LETTER, "a dead letter of over 1 MB");
      Checks.expect(
          json.get("reason").stringValue().equals(rejected.reason().text()), "another reason");
      if (job.deadLetters().isPresent() || !decoded) {
        Letters.expectRecord(json, sent.get(json.get("offset").longValue()));
      }
    }

    @Override
    public void predicted(Prediction prediction, SinkRecord record) {
      JsonNode json = Checks.json(record.value());
      Checks.expect(json.get("key").stringValue().equals(prediction.key()), "another key");
      Checks.expect(json.get("t").longValue() >= 1, "a step before the first");
      if (prediction.generated()) {
        tally.add("generated");
      } else {
        predictions++;
        tally.add("prediction");
      }
      keys.add(prediction.key());
    }

    @Override
    public void ended(SinkRecord record) {
      Checks.json(record.value());
    }
  }

  @Override
  public void end() throws Exception {
    OrderOptions order = job.sequence().order();
    boolean idles = !job.sequence().idleTimeout().isZero();
    boolean remembers = order.by() != OrderOptions.By.ARRIVAL || order.deduplicate();
    boolean last = job.output().emit().when() == Emit.When.LAST;
    boolean endsAll = !idles && !remembers && !last;
    long letters = counts.lettersOfTokens;
    if (endsAll) {
      for (String key : counts.keys) {
        counts.tokens++;
        pipeline.take(lastToken(key));
      }
    }
    boolean allEnded = counts.lettersOfTokens == letters;
    pipeline.watermark(Long.MAX_VALUE);
    pipeline.later(3 * HUNDRED_YEARS);
    pipeline.later(3 * HUNDRED_YEARS);
    long steps = pipeline.steps();
    long accounted = steps + counts.lettersOfTokens + pipeline.duplicates();
    Checks.expect(
        counts.tokens == accounted, counts.tokens + " tokens, " + accounted + " accounted for");
    if (job.output().emit().when() == Emit.When.EACH) {
      Checks.expect(counts.predictions == steps, counts.predictions + " of " + steps + " steps");
    }
    int timers = pipeline.timers();
    Checks.expect(timers == 0, timers + " timers at the end");
    int entries = pipeline.entries();
    boolean emptied = idles || (last && !remembers) || (endsAll && allEnded && emitsAll());
    int most = emptied ? 0 : 2 * (int) Math.max(1, counts.tokens);
    Checks.expect(entries <= most, entries + " entries of state at the end, of at most " + most);
    close();
  }

  /** Whether the keys of all steps are in the output. */
  private boolean emitsAll() {
    return job.output().emit().when() == Emit.When.EACH;
  }

  private Token lastToken(String key) {
    if (!model.fields().isEmpty()) {
      return Token.of(key, model.fields()).atTime(RecordMaker.NOW).first().last();
    }
    float[] x = new float[model.features()];
    Arrays.fill(x, model.harmless());
    Token token = model.ofWords() ? Token.of(key, model.words().get(1)) : Token.of(key, x);
    return token.first().last();
  }

  @Override
  public void close() throws IOException {
    if (pipeline != null) {
      RecordPipeline closing = pipeline;
      pipeline = null;
      closing.close();
    }
  }
}
