package io.github.flinkrnn.operator;

import io.github.flinkrnn.rules.SequenceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;

/**
 * Keeps the states of recently used keys as objects, above a store that serializes them. A changed
 * state is written to the store when its key leaves, and before each checkpoint. A state that is
 * cleared before that is never written.
 *
 * <p>The key that leaves is chosen by the clock algorithm: a hand goes around all keys, and takes
 * the first one that was not used since the hand passed it. That is nearly the least recently used
 * one, and a use costs only a store of a boolean. A list in the order of use would cost several
 * stores of references, each with a memory fence of the garbage collector.
 */
final class StateCache {
  /** Where the states of all keys are. */
  interface Store {
    /** The state of a key, as a new object; null if there is none. */
    SequenceState read(Object key) throws Exception;

    void write(Object key, SequenceState state) throws Exception;

    void clear(Object key) throws Exception;
  }

  private static final class Entry {
    final Object key;
    final long keyBytes;
    SequenceState state;
    long bytes;
    int place;
    boolean isUsed;
    boolean isDirty; // changed since it was written to the store
    boolean isStored; // the store has a state of the key

    Entry(Object key, long keyBytes, SequenceState state) {
      this.key = key;
      this.keyBytes = keyBytes;
      this.state = state;
    }
  }

  final Counter hits = new SimpleCounter(); // how often a state was in the cache
  final Counter misses = new SimpleCounter(); // how often it was not
  final Counter evictions = new SimpleCounter(); // how many keys left because there was no room

  private final Store store;
  private final long capacity;
  private final HeapBytes heapBytes;
  private final Map<Object, Entry> entries = new HashMap<>();
  private final List<Entry> places = new ArrayList<>(); // of all entries, in any order
  private int hand; // the next place
  private long bytes;
  private int dirty;

  /**
   * @param capacity in bytes of the heap
   */
  StateCache(Store store, long capacity, HeapBytes heapBytes) {
    this.store = store;
    this.capacity = capacity;
    this.heapBytes = heapBytes;
  }

  /** The state of a key; null if there is none. After a change, {@link #keep} or {@link #clear}. */
  SequenceState state(Object key) throws Exception {
    Entry entry = entries.get(key);
    if (entry != null) {
      hits.inc();
      entry.isUsed = true;
      return entry.state;
    }
    misses.inc();
    SequenceState read = store.read(key);
    if (read != null) {
      Entry added = new Entry(key, heapBytes.ofKey(key), read);
      added.isStored = true;
      add(added);
    }
    return read;
  }

  /**
   * Keeps a state that is new or was changed.
   *
   * @param wasRead whether {@link #state} returned one for the key
   */
  @SuppressWarnings("ReferenceEquality")
  void keep(Object key, SequenceState state, boolean wasRead) throws Exception {
    Entry entry = entries.get(key);
    if (entry == null) { // new, or it left since it was read
      entry = new Entry(key, heapBytes.ofKey(key), state);
      entry.isStored = wasRead;
      entry.isDirty = true;
      dirty++;
      add(entry);
      return;
    }
    if (entry.state != state) { // a store of a reference costs a fence
      entry.state = state;
    }
    entry.isUsed = true;
    if (!entry.isDirty) {
      entry.isDirty = true;
      dirty++;
    }
    measure(entry);
    makeRoom();
  }

  void clear(Object key) throws Exception {
    Entry entry = entries.get(key);
    if (entry != null) {
      remove(entry);
    }
    if (entry == null || entry.isStored) {
      store.clear(key);
    }
  }

  /** Writes all dirty states to the store. They stay in the cache. */
  void writeDirty() throws Exception {
    for (int i = 0; dirty > 0; i++) {
      write(places.get(i));
    }
  }

  private void add(Entry entry) throws Exception {
    hand = hand < places.size() ? hand : 0; // not at the new one
    entry.place = places.size();
    places.add(entry);
    entries.put(entry.key, entry);
    measure(entry);
    makeRoom();
  }

  private void measure(Entry entry) {
    long now = entry.keyBytes + heapBytes.ofState(entry.state);
    bytes += now - entry.bytes;
    entry.bytes = now;
  }

  /** Lets keys leave while there are too many bytes; at last even one that is larger than all. */
  private void makeRoom() throws Exception {
    while (bytes > capacity) {
      hand = hand < places.size() ? hand : 0;
      Entry next = places.get(hand);
      if (next.isUsed) {
        next.isUsed = false;
        hand++;
      } else {
        evictions.inc();
        write(next);
        remove(next);
        hand++; // over the latest one, which took its place
      }
    }
  }

  private void write(Entry entry) throws Exception {
    if (entry.isDirty) {
      store.write(entry.key, entry.state);
      entry.isStored = true;
      entry.isDirty = false;
      dirty--;
    }
  }

  private void remove(Entry entry) {
    entries.remove(entry.key);
    Entry last = places.remove(places.size() - 1);
    if (last.place != entry.place) {
      places.set(entry.place, last);
      last.place = entry.place;
    }
    bytes -= entry.bytes;
    dirty -= entry.isDirty ? 1 : 0;
  }

  /** The keys of all states. */
  Set<Object> keys() {
    return entries.keySet();
  }

  /** How many states are to be written to the store. */
  int dirty() {
    return dirty;
  }

  /** The size of all states, with their keys. */
  long bytes() {
    return bytes;
  }
}
