/**
 * The benchmarks of {@code jobs/bench.sh}. They compare flink-rnn with a hand-written ONNX Runtime
 * operator and with a no-op operator.
 */
package io.github.flinkrnn.bench;
