/**
 * Fuzzing with seeded hostile input: one campaign, one set of mutators, and a target for each kind
 * of input. {@code jobs/fuzz.sh} runs it.
 */
package io.github.flinkrnn.rig.fuzz;
