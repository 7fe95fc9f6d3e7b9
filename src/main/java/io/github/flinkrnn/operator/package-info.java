/**
 * The recurrent model as a Flink operator: the keyed function, its sessions, state, timers and
 * metrics.
 */
package io.github.flinkrnn.operator;
