package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.operator.SimulatedHistory.Setup;
import io.github.flinkrnn.rules.SequenceState;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Reason;
import io.github.flinkrnn.sequence.Token;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation finds each of these planted mistakes, so it would find a real one. */
class PlantedMistakesTest {
  private static final int HISTORIES = 10_000;

  @TempDir private static Path directory;
  private static Simulation simulation;

  @BeforeAll
  static void writeModels() throws Exception {
    simulation = new Simulation(directory);
  }

  @AfterAll
  static void close() {
    simulation.close();
  }

  static Stream<Named<Simulation.Depth>> mistakes() {
    return Stream.of(
        Named.of(
            "a timer is not taken away when it moves",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void delete(boolean inEventTime, long time) {}
                }),
        Named.of(
            "a timer is not set",
            of ->
                new SimulatedMemory(of) {
                  private int timers;

                  @Override
                  public void register(boolean inEventTime, long time) {
                    if (++timers % 5 != 0) {
                      super.register(inEventTime, time);
                    }
                  }
                }),
        Named.of(
            "a state is not cleared",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void clear() {}
                }),
        Named.of(
            "what comes out waits for the next event",
            of ->
                new SimulatedMemory(of) {
                  private Prediction held;

                  @Override
                  public void emit(Prediction prediction) {
                    if (held != null) {
                      super.emit(held);
                    }
                    held = prediction;
                  }
                }),
        Named.of(
            "two keys change places",
            of ->
                new SimulatedMemory(of) {
                  private Token held;

                  @Override
                  public void arrive(Token token) throws Exception {
                    if (held == null) {
                      held = token;
                    } else {
                      super.arrive(token);
                      super.arrive(held);
                      held = null;
                    }
                  }
                }),
        Named.of(
            "a batch is computed after the barrier",
            of ->
                new SimulatedHarness(of, false) {
                  @Override
                  void barrier(RnnHarness subtask) {}
                }),
        Named.of(
            "a dirty entry of the cache is written after the barrier",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  void barrier() throws Exception {
                    idle();
                  }
                }),
        Named.of(
            "a dirty entry is lost when its key leaves the cache",
            of ->
                new SimulatedMemory(of) {
                  private boolean isBarrier;

                  @Override
                  void barrier() throws Exception {
                    isBarrier = true;
                    super.barrier();
                    isBarrier = false;
                  }

                  @Override
                  public void write(Object of, SequenceState state) {
                    if (isBarrier || of.equals(key)) {
                      super.write(of, state);
                    }
                  }
                }),
        Named.of(
            "a batch is lost if the task is never idle",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void watermark(long time) throws Exception {
                    collected = new Collected(1 << 10);
                    super.watermark(time);
                  }
                }),
        Named.of(
            "the second token of a key does not wait for the first",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void arrive(Token token) throws Exception {
                    if (collected.isEmpty()) {
                      super.arrive(token);
                    } else {
                      key = token.key();
                      sequences.process(token);
                    }
                  }
                }),
        Named.of(
            "a duplicate is counted twice",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void duplicate() {
                    super.duplicate();
                    super.duplicate();
                  }
                }),
        Named.of(
            "a checkpoint sees the steps that follow it",
            of ->
                new SimulatedMemory(of) {
                  private TreeMap<String, SequenceState> shared;

                  @Override
                  public SequenceState read(Object of) {
                    return states.get((String) of); // the same object as in the checkpoint
                  }

                  @Override
                  public void write(Object of, SequenceState state) {
                    states.put((String) of, state);
                  }

                  @Override
                  public Object snapshot(boolean canonical) throws Exception {
                    shared = new TreeMap<>(states);
                    return super.snapshot(canonical);
                  }

                  @Override
                  public void start(
                      Setup setup, Object kept, int parallelism, boolean other, long now)
                      throws Exception {
                    super.start(setup, kept, parallelism, other, now);
                    if (shared != null) {
                      states.putAll(shared);
                    }
                  }
                }),
        Named.of(
            "a restore loses the timers of event time",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void start(
                      Setup setup, Object kept, int parallelism, boolean other, long now)
                      throws Exception {
                    super.start(setup, kept, parallelism, other, now);
                    event.clear();
                  }
                }),
        Named.of(
            "a restore loses the tokens that wait",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void start(
                      Setup setup, Object kept, int parallelism, boolean other, long now)
                      throws Exception {
                    super.start(setup, kept, parallelism, other, now);
                    byNumber.keys.clear();
                  }
                }),
        Named.of(
            "the last prediction is not kept",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void keep(SequenceState state, boolean wasRead) throws Exception {
                    state.lastIs(null);
                    super.keep(state, wasRead);
                  }
                }),
        Named.of(
            "a watermark outlives its job",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void start(
                      Setup setup, Object kept, int parallelism, boolean other, long now)
                      throws Exception {
                    long before = kept == null ? Long.MIN_VALUE : watermark;
                    super.start(setup, kept, parallelism, other, now);
                    watermark = before;
                  }
                }),
        Named.of(
            "a rejected token vanishes",
            of ->
                new SimulatedMemory(of) {
                  @Override
                  public void reject(Token token, Reason reason, String detail) {
                    if (reason != Reason.GAP) {
                      super.reject(token, reason, detail);
                    }
                  }
                }),
        Named.of(
            "the last bit of a state is another after sixty steps",
            of ->
                new SimulatedMemory(of) {
                  private int steps;

                  @Override
                  public void keep(SequenceState state, boolean wasRead) throws Exception {
                    if (++steps % 60 == 0 && state.hasSequence()) {
                      float[] a = state.values();
                      a[0] = Math.nextUp(a[0]);
                    }
                    super.keep(state, wasRead);
                  }
                }));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isFound(Simulation.Depth mistake) throws Exception {
    Simulation.Divergence found = null;
    for (int seed = 1; seed <= HISTORIES && found == null; seed++) {
      try {
        simulation.run(seed, mistake);
      } catch (Simulation.Divergence divergence) {
        found = divergence;
      }
    }
    assertThat(found).isNotNull();
  }

  /** The shrunk history still fails, and the message says how to reproduce it. */
  @Test
  void isShownByAShortHistory() {
    Simulation.Depth mistake =
        of ->
            new SimulatedMemory(of) {
              @Override
              public void clear() {}
            };
    String shortest = null;
    for (int seed = 1; seed <= 100; seed++) {
      try {
        simulation.run(seed, mistake);
      } catch (Exception divergence) {
        String text = divergence.getMessage();
        shortest = shortest == null || text.length() < shortest.length() ? text : shortest;
      }
    }
    assertThat(shortest).contains("entries of state", "seed ");
    assertThat(shortest.lines().filter(line -> line.startsWith("  ")).count())
        .as("events")
        .isLessThanOrEqualTo(2);
  }
}
