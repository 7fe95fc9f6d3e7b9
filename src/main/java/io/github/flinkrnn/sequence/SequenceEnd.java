package io.github.flinkrnn.sequence;

/**
 * That a sequence came to its end.
 *
 * @param key the sequence
 * @param t the steps that it had
 * @param why as metrics and records spell it: {@code end}, {@code idle-timeout}
 */
public record SequenceEnd(String key, long t, String why) {}
