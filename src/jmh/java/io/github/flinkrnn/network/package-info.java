/**
 * The networks of the benchmarks, with seeded weights, in the formats of flink-rnn and of ONNX
 * Runtime.
 */
package io.github.flinkrnn.network;
