/**
 * The rules of sequences: which token is next, where a sequence begins and ends, when silence ends
 * it, what is emitted, and the options that say so. They compute, store and emit nothing, and know
 * nothing of Flink.
 */
package io.github.flinkrnn.rules;
