/**
 * The rules of sequences and their options: which token is next, where a sequence begins and ends,
 * and what is emitted. They compute, store and emit nothing, and do not depend on Flink.
 */
package io.github.flinkrnn.rules;
