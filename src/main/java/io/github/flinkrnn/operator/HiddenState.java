package io.github.flinkrnn.operator;

/**
 * What a sequence keeps between two tokens: the managed state of one key. Immutable: a step makes a
 * new one, so a snapshot in flight and the heap backend may hold on to the old one, and nobody
 * needs a copy.
 *
 * @param model the {@link io.github.flinkrnn.model.RnnModel#fingerprint} of the recurrence that
 *     made it
 * @param t the steps taken, from 1
 * @param expires when it dies unless a token comes, processing time in epoch milliseconds; 0 for
 *     never
 * @param values a&lt;t&gt; of all layers, as the model lays them out; never written to
 */
record HiddenState(long model, long t, long expires, float[] values) {}
