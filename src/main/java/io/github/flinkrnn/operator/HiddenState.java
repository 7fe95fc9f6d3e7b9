package io.github.flinkrnn.operator;

/**
 * What a sequence keeps between two tokens: the managed state of one key. Immutable: a step makes a
 * new one. On the heap backend {@code value()} gives the very object that was put there, and a
 * snapshot in flight goes on reading it while steps are taken (copy on write copies the table's
 * entries, and the state by its serializer, which for an immutable type returns it as it is); so
 * nobody may write to its array, and nobody needs a copy. On RocksDB {@code value()} reads a new
 * object out of bytes, and {@code update()} has written the bytes when it returns: there, too, a
 * step writes only to an array of its own.
 *
 * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
 *     made it
 * @param t the steps taken, from 1
 * @param expires when it dies unless a token comes, processing time in epoch milliseconds; 0 for
 *     never
 * @param values a&lt;t&gt; of all layers, as the model lays them out; never written to
 */
record HiddenState(long model, long t, long expires, float[] values) {}
