package io.github.flinkrnn.rig.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.sequence.Origin;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.SinkRecord;
import io.github.flinkrnn.sequence.SourceRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Valid records, models and job files with one control character in one of their strings (including
 * names and keys), raw or escaped. All output must be JSON, and all messages one line.
 */
final class ControlTarget implements Target {
  private static final String JOB =
      """
      name: controls
      source: {type: file, path: in.jsonl, fields: {timestamp: /at}}
      sink: {type: print}
      dead_letters: {type: print}
      ends: {type: print}
      output: {fields: [token, label, prediction, model], carry: [/note, /user]}
      """;

  private static final String RECORD =
      "{\"key\":\"k\",\"token\":\"the\",\"at\":\"2026-01-02T03:04:05Z\",\"note\":\"short\","
          + "\"user\":{\"country\":[\"CH\",{\"x\":\"y\"}]},\"features\":[1,\"2\",3],\"end\":true}";

  private final Path directory;
  private final List<FuzzModel> models;
  private final JobFileTarget jobFiles;
  private final List<RecordPipeline> pipelines = new ArrayList<>();
  private final Handler handler = new Handler();

  ControlTarget(Path directory) throws Exception {
    this.directory = directory;
    models = FuzzModel.write(Files.createDirectories(directory.resolve("models")));
    jobFiles = new JobFileTarget(Files.createDirectories(directory.resolve("jobs")));
  }

  @Override
  public String name() {
    return "controls";
  }

  @Override
  public int runs() {
    return 100_000;
  }

  /** This many runs share the operators for records. */
  @Override
  public int together() {
    return 1000;
  }

  @Override
  public void begin(Random random, Tally tally) throws Exception {
    close();
    for (FuzzModel model : models.subList(0, 5)) {
      Path file = directory.resolve("job.yaml");
      Files.writeString(file, JOB + "model: " + model.directory() + "\n");
      JobFile job = JobFileReader.read(file.toString(), List.of(), name -> null);
      pipelines.add(new RecordPipeline(job, handler));
    }
  }

  @Override
  public Trial next(Random random) {
    String control = Hostile.one(Hostile.CONTROLS, random);
    if (random.nextInt(3) == 0) {
      return new OfRecord(
          Hostile.one(pipelines, random),
          JsonMutator.withText(RECORD.getBytes(UTF_8), control, random));
    }
    FuzzModel model = Hostile.one(models.subList(0, 7), random);
    if (random.nextBoolean()) {
      byte[] yaml = new RandomJob(model, random).yaml().getBytes(UTF_8);
      byte[] json = JsonMutator.bytes(JobFileTarget.tree(yaml));
      return jobFiles.trial(JsonMutator.withText(json, control, random), List.of());
    }
    Map<String, byte[]> files = new LinkedHashMap<>(ModelTarget.read(model.directory()));
    String file = Hostile.one(new ArrayList<>(files.keySet()), random);
    files.compute(file, (name, bytes) -> with(name, bytes, control, random));
    return new ModelTarget.Load(files);
  }

  private static byte[] with(String file, byte[] bytes, String control, Random random) {
    if (file.endsWith(".json")) {
      return JsonMutator.withText(bytes, control, random);
    }
    int at = random.nextInt(Math.min(bytes.length, 400));
    return Mutator.replaced(bytes, at, control.getBytes(UTF_8), at);
  }

  private final class OfRecord implements Trial {
    private final RecordPipeline pipeline;
    private final byte[] value;

    OfRecord(RecordPipeline pipeline, byte[] value) {
      this.pipeline = pipeline;
      this.value = value;
    }

    @Override
    public Map<String, byte[]> files() {
      return Map.of("value", value);
    }

    @Override
    public String run() throws Exception {
      handler.outcome = null;
      Origin origin = new Origin("fuzz", 0, 0);
      pipeline.process(new SourceRecord(null, value, value.length, null, origin));
      return handler.outcome;
    }
  }

  private static final class Handler implements RecordPipeline.Handler {
    private String outcome;

    @Override
    public void token(Token token) {
      outcome = "token";
    }

    @Override
    public void rejected(RejectedRecord rejected, SinkRecord letter, boolean decoded) {
      outcome = rejected.reason().text();
      Checks.oneLine(rejected.detail(), Checks.MOST_MESSAGE);
      Checks.json(letter.value());
    }

    @Override
    public void predicted(Prediction prediction, SinkRecord record) {
      Checks.json(record.value());
    }

    @Override
    public void ended(SinkRecord record) {
      Checks.json(record.value());
    }
  }

  @Override
  public void close() throws IOException {
    for (RecordPipeline pipeline : pipelines) {
      pipeline.close();
    }
    pipelines.clear();
  }
}
