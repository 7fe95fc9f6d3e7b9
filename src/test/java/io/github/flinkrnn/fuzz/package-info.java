/**
 * Hostile input, seeded: one campaign, one set of mutators, and a target for each place where input
 * comes in. {@code jobs/fuzz.sh} runs it.
 */
package io.github.flinkrnn.fuzz;
