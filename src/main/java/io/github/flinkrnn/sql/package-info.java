/**
 * {@code RNN}, the step of a recurrent model as a function of Flink SQL. It owns the state and the
 * output; the rules and the steps are the operator's.
 */
package io.github.flinkrnn.sql;
