/**
 * The recurrence as a Flink operator: the keyed function, its state and that state's bytes, its
 * metrics.
 */
package io.github.flinkrnn.operator;
