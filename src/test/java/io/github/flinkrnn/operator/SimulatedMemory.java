package io.github.flinkrnn.operator;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.Clock;
import io.github.flinkrnn.rules.EndReason;
import io.github.flinkrnn.rules.KeyTimers;
import io.github.flinkrnn.rules.OrderOptions.By;
import io.github.flinkrnn.rules.Position;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.rules.WaitingTokens;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import io.github.flinkrnn.sequence.TokenSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Rules and model sessions in memory: state in a map, timers in a set. State passes through the
 * bytes of a savepoint.
 */
class SimulatedMemory
    implements Simulated, KeyStore, StateCache.Store, Clock, KeyTimers.Timers, Outlet {
  /** A timer of a key. */
  record Timer(long time, String key, boolean inEventTime) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : key.compareTo(other.key);
    }
  }

  /** A waiting token, and since when it waits. */
  record Waiter(Token token, long since) {}

  /** The tokens that wait in one order, of all keys. */
  final class Waiting implements WaitingTokens.ByNumber {
    final Map<String, SortedMap<Long, List<Waiter>>> keys = new TreeMap<>();
    private final TokenSerializer serializer = new TokenSerializer();

    private SortedMap<Long, List<Waiter>> places() {
      return keys.getOrDefault(key, new TreeMap<>());
    }

    @Override
    public void add(Token token, long place, long now) {
      keys.computeIfAbsent(key, k -> new TreeMap<>())
          .computeIfAbsent(place, p -> new ArrayList<>())
          .add(new Waiter(token, now));
    }

    @Override
    public boolean contains(long place) {
      return places().containsKey(place);
    }

    @Override
    public Long first() {
      return places().isEmpty() ? null : places().firstKey();
    }

    @Override
    public List<Token> take(long place) {
      List<Token> taken = new ArrayList<>();
      places().remove(place).forEach(waiter -> taken.add(waiter.token()));
      if (places().isEmpty()) {
        keys.remove(key);
      }
      return taken;
    }

    @Override
    public long bytes() throws IOException {
      long bytes = 0;
      for (List<Waiter> place : places().values()) {
        for (Waiter waiter : place) {
          bytes += serializer.serializedBytes(waiter.token());
        }
      }
      return bytes;
    }

    @Override
    public long since() {
      return places().values().stream()
          .flatMap(List::stream)
          .mapToLong(Waiter::since)
          .min()
          .getAsLong();
    }

    @Override
    public long lastBy(long moment) {
      return places().values().stream()
          .flatMap(List::stream)
          .filter(waiter -> waiter.since() <= moment)
          .mapToLong(waiter -> waiter.token().seq())
          .max()
          .orElse(Position.NONE);
    }
  }

  private static Map<String, SortedMap<Long, List<Waiter>>> copy(
      Map<String, SortedMap<Long, List<Waiter>>> of) {
    Map<String, SortedMap<Long, List<Waiter>>> copy = new TreeMap<>();
    of.forEach(
        (name, places) -> {
          SortedMap<Long, List<Waiter>> all = new TreeMap<>();
          places.forEach((place, waiters) -> all.put(place, new ArrayList<>(waiters)));
          copy.put(name, all);
        });
    return copy;
  }

  /** Everything that a savepoint contains. */
  private record Snapshot(
      Map<String, byte[]> states,
      Map<String, SortedMap<Long, List<Waiter>>> byNumber,
      Map<String, SortedMap<Long, List<Waiter>>> byTime,
      TreeSet<Timer> processing,
      TreeSet<Timer> event) {}

  private final Simulation simulation;
  private final SequenceStateSerializer serializer = new SequenceStateSerializer();
  final Map<String, SequenceState> states = new TreeMap<>();
  final List<String> output = new ArrayList<>();
  Waiting byNumber = new Waiting();
  private Waiting byTime = new Waiting();
  TreeSet<Timer> processing = new TreeSet<>();
  TreeSet<Timer> event = new TreeSet<>();
  private Setup setup;
  private ModelSession session;
  Sequences sequences;
  Collected collected;
  private StateCache cache; // null for none
  private final List<Step.Room> rooms = new ArrayList<>();
  String key;
  private long now;
  long watermark;

  SimulatedMemory(Simulation simulation) {
    this.simulation = simulation;
  }

  @Override
  public void start(Setup other, Object kept, int parallelism, boolean otherBackend, long moment)
      throws Exception {
    setup = other;
    now = moment;
    watermark = Long.MIN_VALUE;
    states.clear();
    byNumber = new Waiting();
    byTime = new Waiting();
    processing = new TreeSet<>();
    event = new TreeSet<>();
    if (kept instanceof Snapshot from) {
      for (Map.Entry<String, byte[]> each : from.states().entrySet()) {
        DataInputDeserializer bytes = new DataInputDeserializer(each.getValue());
        states.put(each.getKey(), serializer.deserialize(bytes));
      }
      byNumber.keys.putAll(copy(from.byNumber()));
      byTime.keys.putAll(copy(from.byTime()));
      processing.addAll(from.processing());
      event.addAll(from.event());
    }
    close();
    collected = new Collected(other.batch().size());
    HeapBytes sizes = new HeapBytes(StringSerializer.INSTANCE);
    cache = other.cache() == 0 ? null : new StateCache(this, other.cache(), sizes);
    session = new ModelSession(simulation.model(other), other.sequence(), other.output());
    sequences = new Sequences(other.sequence(), other.output(), session, this, this, this, this);
    rooms.clear();
    for (int i = 0; i < other.batch().size(); i++) {
      rooms.add(session.newRoom(true));
    }
  }

  @Override
  public Object snapshot(boolean canonical) throws Exception {
    barrier();
    Map<String, byte[]> bytes = new TreeMap<>();
    for (Map.Entry<String, SequenceState> each : states.entrySet()) {
      DataOutputSerializer out = new DataOutputSerializer(64);
      serializer.serialize(each.getValue(), out);
      bytes.put(each.getKey(), out.getCopyOfBuffer());
    }
    return new Snapshot(
        bytes,
        copy(byNumber.keys),
        copy(byTime.keys),
        new TreeSet<>(processing),
        new TreeSet<>(event));
  }

  /** A barrier comes. */
  void barrier() throws Exception {
    idle();
    if (cache != null) {
      cache.writeDirty();
    }
  }

  @Override
  public void arrive(Token token) throws Exception {
    if (setup.batch().size() == 1) {
      key = token.key();
      sequences.process(token);
      return;
    }
    collected.add(token.key(), token);
    if (collected.isFull()) {
      computeFirsts();
    }
  }

  @Override
  public void idle() throws Exception {
    while (!collected.isEmpty()) {
      computeFirsts();
    }
  }

  private void computeFirsts() throws Exception {
    int count = collected.keys();
    Collected.Item[] items = collected.takeFirsts();
    List<Sequences.Visit> visits = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      key = (String) items[i].key;
      Sequences.Visit visit = sequences.plan((Token) items[i].content, rooms.get(i));
      if (visit != null) {
        visits.add(visit);
        steps.add(visit.step());
      }
    }
    if (!steps.isEmpty()) {
      sequences.compute(steps.size(), steps.toArray(Step[]::new));
    }
    for (Sequences.Visit visit : visits) {
      key = visit.arrived().key();
      sequences.commit(visit, key);
    }
  }

  @Override
  public void clock(long moment) throws Exception {
    idle();
    now = moment;
    fire(processing, moment);
  }

  @Override
  public void watermark(long time) throws Exception {
    idle();
    watermark = time;
    fire(event, time);
  }

  private void fire(NavigableSet<Timer> timers, long upTo) throws Exception {
    while (!timers.isEmpty() && timers.first().time() <= upTo) {
      Timer timer = timers.pollFirst();
      key = timer.key();
      sequences.onTimer(key, timer.inEventTime(), timer.time());
    }
  }

  @Override
  public List<String> takeOutput() {
    List<String> all = List.copyOf(output);
    output.clear();
    return all;
  }

  @Override
  public List<String> kept() {
    TreeSet<String> keys = new TreeSet<>(states.keySet());
    if (cache != null) {
      cache.keys().forEach(of -> keys.add((String) of));
    }
    return List.copyOf(keys);
  }

  @Override
  public List<String> waiting(By by) {
    return List.copyOf((by == By.SEQ ? byNumber : byTime).keys.keySet());
  }

  @Override
  public List<String> timers() {
    return Stream.concat(processing.stream(), event.stream())
        .map(
            timer ->
                timer.key() + (timer.inEventTime() ? " event " : " processing ") + timer.time())
        .sorted()
        .toList();
  }

  @Override
  public List<String> timers(List<String> reference) {
    return reference.stream().sorted().toList();
  }

  // ---- The state of the current key, and the outputs.

  @Override
  public SequenceState state() throws Exception {
    return cache == null ? read(key) : cache.state(key);
  }

  @Override
  public void keep(SequenceState state, boolean wasRead) throws Exception {
    if (cache == null) {
      write(key, state);
    } else {
      cache.keep(key, state, wasRead);
    }
  }

  @Override
  public void clear() throws Exception {
    if (cache == null) {
      clear(key);
    } else {
      cache.clear(key);
    }
  }

  @Override
  public SequenceState read(Object of) {
    SequenceState kept = states.get((String) of);
    return kept == null ? null : kept.copy(); // as in RocksDB: a change that is not kept is lost
  }

  @Override
  public void write(Object of, SequenceState state) {
    states.put((String) of, state.copy());
  }

  @Override
  public void clear(Object of) {
    states.remove((String) of);
  }

  @Override
  public WaitingTokens.ByNumber byNumber() {
    return byNumber;
  }

  @Override
  public WaitingTokens byTime() {
    return byTime;
  }

  @Override
  public long processingTime() {
    return now;
  }

  @Override
  public long watermark() {
    return watermark;
  }

  @Override
  public void register(boolean inEventTime, long time) {
    (inEventTime ? event : processing).add(new Timer(time, key, inEventTime));
  }

  @Override
  public void delete(boolean inEventTime, long time) {
    (inEventTime ? event : processing).remove(new Timer(time, key, inEventTime));
  }

  @Override
  public void emit(Prediction prediction) {
    output.add(Simulation.text(prediction));
  }

  @Override
  public void reject(Token token, Reason reason, String detail) {
    output.add(Simulation.rejected(token.key(), reason.text(), token.token(), token.seq()));
  }

  @Override
  public boolean tellsEnds() {
    return setup.output().ends();
  }

  @Override
  public void ended(String of, long t, EndReason why, long time, boolean isKeyed) {
    output.add(Simulation.ended(of, t, why.text(), tellsEnds(), time));
  }

  @Override
  public void started() {
    output.add(key + " started");
  }

  @Override
  public void stepped(byte[] marks) {}

  @Override
  public void gap() {
    output.add(key + " gap");
  }

  @Override
  public void duplicate() {
    output.add(key + " duplicate");
  }

  @Override
  public long stepsBegin() {
    return 0;
  }

  @Override
  public void stepsEnd(long begun, int steps) {}

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
