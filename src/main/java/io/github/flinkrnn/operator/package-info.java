/**
 * The recurrence as a Flink operator: the keyed function, its sessions, state and timers, its
 * metrics.
 */
package io.github.flinkrnn.operator;
