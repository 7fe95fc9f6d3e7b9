package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.operator.SimulatedHistory.Arrival;
import io.github.flinkrnn.operator.SimulatedHistory.Checkpoint;
import io.github.flinkrnn.operator.SimulatedHistory.Event;
import io.github.flinkrnn.operator.SimulatedHistory.Failure;
import io.github.flinkrnn.operator.SimulatedHistory.Passing;
import io.github.flinkrnn.operator.SimulatedHistory.Restart;
import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.operator.SimulatedHistory.Watermark;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.sequence.HeadOutput;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.RejectedRecord;
import io.github.flinkrnn.sequence.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.flink.configuration.MemorySize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Seeded histories in one thread. After each event, the output of the operator must equal that of a
 * plain sequential reference, bit for bit, and so must its state entries, waiting tokens and
 * timers. A history that fails is shrunk.
 */
final class Simulation implements AutoCloseable {
  /** The simulated operator differs from the reference. */
  static final class Divergence extends Exception {
    private static final long serialVersionUID = 1L;

    Divergence(String message) {
      super(message);
    }
  }

  /** Creates the operator of one history. */
  interface Depth {
    Simulated open(Simulation simulation) throws Exception;
  }

  private static final JsonMapper JSON = new JsonMapper();
  private static final long START = 1_700_000_000_000L; // differs from event time
  private static final long LONG_AFTER = 1_000_000;

  private final List<Path> directories = new ArrayList<>();
  private final List<RnnModel> models = new ArrayList<>();
  private final List<SimulatedFuture> futures = new ArrayList<>(); // of the bidirectional models

  /** Writes the models. */
  Simulation(Path directory) throws IOException, InterruptedException {
    String[] weights = {
      "{\"Waa\": [[0.5, -0.25], [0.125, 0.75]],"
          + " \"Wax\": [[1, -1, 0.5, 0.25], [-0.5, 0.25, 1, -1]],"
          + " \"Wya\": [[1, -2], [-1, 0.5], [2, 1], [-0.5, -1]],"
          + " \"ba\": [0.1, -0.1], \"by\": [0, 0.25, -0.25, 0]}",
      "{\"Waa\": [[0.5, -0.25, 0.125], [0.125, 0.75, -1], [0.25, 0.25, -0.5]],"
          + " \"Wax\": [[1, -1, 0.5, 0.25], [-0.5, 0.25, 1, -1], [2, -1, 0.5, -1]],"
          + " \"Wya\": [[1, -2, 1], [-1, 0.5, 0], [2, 1, -1], [-0.5, -1, 2]]}",
    };
    for (int i = 0; i < SimulatedHistory.OF_WORDS; i++) {
      Path model = Files.createDirectories(directory.resolve("model-" + i));
      Files.writeString(model.resolve("vocab.txt"), "the\ncat\nsat\ndown\n");
      ModelDirectory.write(
          model, "{\"output\": {\"labels\": [\"the\", \"cat\", \"sat\", \"down\"]}}", weights[i]);
      add(model);
    }
    for (boolean severalHeads : new boolean[] {false, true}) {
      Path model = SimulatedFields.write(directory, severalHeads);
      add(model);
    }
    for (boolean ofWords : new boolean[] {true, false}) {
      Path model = Files.createDirectories(directory.resolve(ofWords ? "ahead" : "fields-ahead"));
      futures.add(new SimulatedFuture(model, ofWords));
      add(model);
    }
  }

  /** The operators share a model, which otherwise the last one of each history would close. */
  private void add(Path model) throws IOException, InterruptedException {
    SharedModel.acquire(new ModelLocation(model.toString()));
    directories.add(model);
    models.add(RnnModel.load(model));
  }

  @Override
  public void close() {
    directories.forEach(model -> SharedModel.release(new ModelLocation(model.toString())));
    models.forEach(RnnModel::close);
  }

  RnnModel model(Setup setup) {
    return models.get(setup.model());
  }

  /** The operator of a start, as a program creates it. */
  RnnFunction<String, Token, Prediction> function(Setup setup) {
    return RnnFunction.of(directories.get(setup.model()).toString())
        .with(setup.sequence())
        .with(setup.output())
        .with(setup.batch())
        .withStateCache(new MemorySize(setup.cache()))
        .with(OnRejected.SIDE_OUTPUT);
  }

  /** Runs the history of a seed at a depth. Throws a difference with the shrunk history. */
  void run(long seed, Depth depth) throws Exception {
    SimulatedHistory history = SimulatedHistory.of(seed);
    try {
      run(history, depth);
    } catch (Divergence found) {
      SimulatedHistory least = shrunk(history, depth);
      String why = message(least, depth);
      throw new Divergence(why + "\n" + least.text());
    }
  }

  private String message(SimulatedHistory history, Depth depth) throws Exception {
    try {
      run(history, depth);
      return "not seen again";
    } catch (Divergence found) {
      return found.getMessage();
    }
  }

  /** Removes events that are not needed to fail: first halves, finally single events. */
  private SimulatedHistory shrunk(SimulatedHistory history, Depth depth) throws Exception {
    List<Event> events = new ArrayList<>(history.events());
    for (int piece = Math.max(1, events.size() / 2); piece > 0; piece /= 2) {
      for (int from = 0; from + piece <= events.size(); ) {
        List<Event> fewer = new ArrayList<>(events.subList(0, from));
        fewer.addAll(events.subList(from + piece, events.size()));
        if (fails(new SimulatedHistory(history.seed(), history.setup(), fewer), depth)) {
          events = fewer;
        } else {
          from += piece;
        }
      }
    }
    return new SimulatedHistory(history.seed(), history.setup(), events);
  }

  private boolean fails(SimulatedHistory history, Depth depth) throws Exception {
    try {
      run(history, depth);
      return false;
    } catch (Divergence found) {
      return true;
    }
  }

  /** Runs a history, event by event. An operator that throws differs from the reference, too. */
  private void run(SimulatedHistory history, Depth depth) throws Exception {
    try (Simulated operator = depth.open(this)) {
      new Run(history, operator).run();
    } catch (RuntimeException thrown) {
      Divergence found = new Divergence("expected no exception, found " + thrown);
      found.initCause(thrown);
      throw found;
    }
  }

  /** One run of one history. */
  private final class Run {
    private final SimulatedHistory history;
    private final Simulated operator;
    private final SimulationReference reference;
    private final List<Event> sinceSnapshot = new ArrayList<>();
    private Setup setup;
    private Object operatorSnapshot;
    private Object referenceSnapshot;
    private long now = START;
    private int number;
    private boolean isPending; // tokens may wait for others
    private boolean isKeptForEver; // state may remain: it had no timeout, or another one

    Run(SimulatedHistory history, Simulated operator) {
      this.history = history;
      this.operator = operator;
      setup = history.setup();
      isKeptForEver = setup.sequence().idleTimeout().isZero();
      reference = new SimulationReference(models, futures, setup, now);
    }

    void run() throws Exception {
      operator.start(setup, null, 1, false, now);
      for (Event event : history.events()) {
        number++;
        happen(event);
      }
      number++;
      passAll();
    }

    private void happen(Event event) throws Exception {
      if (event instanceof Checkpoint) {
        isPending = false;
        keep(operator.snapshot(false));
        compare(event, false);
      } else if (event instanceof Failure failure) {
        isPending = false;
        operator.takeOutput(); // since the last comparison; it comes again
        reference.takeOutput();
        operator.start(setup, operatorSnapshot, failure.parallelism(), false, now);
        reference.restore(referenceSnapshot, setup);
        compare(event, true);
        for (Event again : List.copyOf(sinceSnapshot)) {
          flow(again);
        }
      } else if (event instanceof Restart restart) {
        isPending = false;
        keep(operator.snapshot(true));
        compare(event, false);
        isKeptForEver |= !sameSilence(setup, restart.setup());
        setup = restart.setup();
        operator.start(setup, operatorSnapshot, restart.parallelism(), restart.otherBackend(), now);
        reference.restore(referenceSnapshot, setup);
        compare(event, true);
      } else {
        if (!(event instanceof Passing)) {
          sinceSnapshot.add(event);
        }
        flow(event);
      }
    }

    private long waitMillis() {
      return setup.batch().maxWait().toMillis();
    }

    private static boolean sameSilence(Setup one, Setup other) {
      return other.sequence().idleTimeout().equals(one.sequence().idleTimeout())
          && other.sequence().idleInEventTime() == one.sequence().idleInEventTime();
    }

    private void keep(Object snapshot) {
      operatorSnapshot = snapshot;
      referenceSnapshot = reference.snapshot();
      sinceSnapshot.clear();
    }

    private void flow(Event event) throws Exception {
      boolean ofOneKey = event instanceof Arrival && !isPending;
      if (event instanceof Arrival arrival) {
        operator.arrive(arrival.token());
        reference.arrive(arrival.token());
        isPending = arrival.more();
        if (isPending) {
          return;
        }
        operator.idle();
      } else if (event instanceof Passing passing) {
        if (isPending && (setup.asksTheClock() || passing.millis() < waitMillis())) {
          operator.idle();
        }
        isPending = false; // the longest wait is over
        now += passing.millis();
        operator.clock(now);
        reference.clock(now);
      } else if (event instanceof Watermark watermark) {
        isPending = false;
        operator.watermark(watermark.time());
        reference.watermark(watermark.time());
      }
      compare(event, ofOneKey);
    }

    /**
     * Ends the stream, and then lets a long silence pass. Only state that never expires may remain.
     */
    private void passAll() throws Exception {
      operator.watermark(Long.MAX_VALUE);
      reference.watermark(Long.MAX_VALUE);
      compare("the end of the stream", false);
      now += LONG_AFTER;
      operator.clock(now);
      reference.clock(now);
      compare("long silence", false);
      if (!isKeptForEver) {
        same("what is left", "after all", operator.kept(), List.of());
        same("timers left", "after all", operator.timers(), operator.timers(List.of()));
      }
    }

    private void compare(Object event, boolean inOrder) throws Exception {
      List<String> actual = operator.takeOutput();
      List<String> expected = operator.output(reference.takeOutput());
      same("output", event, byKey(actual, inOrder), byKey(expected, inOrder));
      same("entries of state", event, operator.kept(), reference.kept());
      for (By by : List.of(By.TIMESTAMP, By.SEQ)) {
        same("tokens that wait by " + by, event, operator.waiting(by), reference.waiting(by));
      }
      same("timers", event, operator.timers(), operator.timers(reference.timers()));
    }

    /** Timers of different keys may fire in any order, so only the order within each key counts. */
    private static List<String> byKey(List<String> output, boolean inOrder) {
      if (inOrder) {
        return output;
      }
      return output.stream()
          .sorted(Comparator.comparing(line -> line.substring(0, line.indexOf(' '))))
          .toList();
    }

    private void same(String what, Object event, List<String> actual, List<String> expected)
        throws Divergence {
      if (!actual.equals(expected)) {
        throw new Divergence(
            what
                + " at event "
                + number
                + ", "
                + event
                + "\n expected "
                + expected
                + "\n but was  "
                + actual);
      }
    }
  }

  static String text(Prediction p) {
    return text(
        p.key(),
        p.t(),
        p.token(),
        p.label(),
        p.prediction(),
        p.hidden(),
        p.top() == null ? null : p.top()[0] + " " + Float.toHexString(p.topPrediction()[0]),
        heads(p),
        p.generated(),
        p.isFinal(),
        p.seq(),
        p.timestamp());
  }

  private static String heads(Prediction p) {
    StringBuilder text = new StringBuilder();
    for (HeadOutput head : p.outputs() == null ? new HeadOutput[0] : p.outputs()) {
      String top =
          head.top() == null
              ? null
              : head.top()[0] + " " + Float.toHexString(head.topPrediction()[0]);
      text.append(head(head.name(), head.label(), head.prediction(), top));
    }
    return text.toString();
  }

  /** The output of a head of a model with several. */
  static String head(String name, String label, float[] y, String top) {
    StringBuilder text = new StringBuilder().append(' ').append(name).append(' ').append(label);
    hex(y, text);
    return text.append(' ').append(top).toString();
  }

  static String text(
      String key,
      long t,
      String word,
      String label,
      float[] y,
      float[] a,
      String top,
      String heads,
      boolean generated,
      Boolean isFinal,
      Long seq,
      Long timestamp) {
    StringBuilder text = new StringBuilder(key).append(' ').append(t).append(' ').append(word);
    text.append(' ').append(label).append(generated ? " generated " : " ").append(top);
    text.append(isFinal == null ? "" : isFinal ? " final" : " provisional");
    hex(y, text);
    hex(a, text);
    text.append(heads);
    return text.append(' ').append(seq).append(' ').append(timestamp).toString();
  }

  private static void hex(float[] numbers, StringBuilder text) {
    text.append(" [");
    for (int i = 0; numbers != null && i < numbers.length; i++) {
      text.append(Integer.toHexString(Float.floatToRawIntBits(numbers[i]))).append(' ');
    }
    text.append(']');
  }

  /** The line for the end of a sequence. */
  static String ended(String key, long t, String why, boolean told, long time) {
    return key + " ended " + t + " " + why + (told ? " told " + time : "");
  }

  static String rejected(RejectedRecord rejected) {
    JsonNode token = JSON.readTree(rejected.record().value());
    Long seq = token.hasNonNull("seq") ? (Long) token.get("seq").asLong() : null;
    return rejected(
        token.get("key").asString(), rejected.reason().text(), token.get("token").asString(), seq);
  }

  static String rejected(String key, String reason, String word, Long seq) {
    return key + " rejected " + reason + " " + word + " " + Objects.toString(seq);
  }
}
