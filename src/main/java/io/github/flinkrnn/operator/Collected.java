package io.github.flinkrnn.operator;

import java.util.Arrays;

/**
 * Tokens and timers that wait for a batch: the first one of each key, and behind it the others of
 * that key, in order.
 */
final class Collected {
  /** A token or a timer. */
  static final class Item {
    final Object key;
    final Object content;
    final long number; // from 0, in the order of arrival
    private Item behind; // the next one of the key
    private Item last; // of the key; kept by its first one

    private Item(Object key, Object content, long number) {
      this.key = key;
      this.content = content;
      this.number = number;
      last = this;
    }
  }

  private static final int SPARSE = 4; // slots for each key of a batch

  private final int size;
  private final int[] slots; // a hash table of the keys: 0, or 1 + the index of the first item
  private Item[] firsts;
  private int keys;
  private int behind;
  private long arrivals;

  /**
   * @param size the most keys, and the most items behind the first ones
   */
  Collected(int size) {
    this.size = size;
    slots = new int[Integer.highestOneBit(2 * SPARSE * size - 1)];
    firsts = new Item[size];
  }

  boolean isEmpty() {
    return keys == 0;
  }

  /** The number of the next item. */
  long arrivals() {
    return arrivals;
  }

  /** How many keys there are. */
  int keys() {
    return keys;
  }

  /**
   * Adds a token or timer. Only if not {@link #isFull}.
   *
   * @param content the token or timer
   */
  void add(Object key, Object content) {
    Item item = new Item(key, content, arrivals++);
    int slot = slot(key);
    if (slots[slot] == 0) {
      put(slot, item);
    } else {
      Item first = firsts[slots[slot] - 1];
      first.last.behind = item;
      first.last = item;
      behind++;
    }
  }

  boolean isFull() {
    return keys == size || behind == size;
  }

  /**
   * Removes the first item of each key. Those behind them become the first ones.
   *
   * @return the items, each key's in the order in which they came; longer than {@link #keys} was
   */
  Item[] takeFirsts() {
    Item[] taken = firsts;
    int count = keys;
    firsts = new Item[size]; // new, because a store to an old array costs a fence
    keys = 0;
    Arrays.fill(slots, 0);
    if (behind > 0) {
      for (int i = 0; i < count; i++) {
        Item next = taken[i].behind;
        if (next != null) {
          next.last = taken[i].last;
          put(slot(next.key), next);
          behind--;
        }
      }
    }
    return taken;
  }

  /** The same for a single key, without new arrays: with one busy key, it is called often. */
  Item takeOnly() {
    Item only = firsts[0];
    Item next = only.behind;
    if (next == null) {
      slots[slot(only.key)] = 0;
      keys = 0;
    } else {
      next.last = only.last;
      firsts[0] = next;
      behind--;
    }
    return only;
  }

  private void put(int slot, Item item) {
    firsts[keys++] = item;
    slots[slot] = keys;
  }

  /** The slot of a key, which is empty if there is no item of it. */
  private int slot(Object key) {
    int hash = key.hashCode() * 0x9E3779B9; // consecutive hash codes are common
    int slot = (hash ^ hash >>> 16) & (slots.length - 1);
    while (slots[slot] != 0 && !firsts[slots[slot] - 1].key.equals(key)) {
      slot = slot + 1 & (slots.length - 1);
    }
    return slot;
  }
}
