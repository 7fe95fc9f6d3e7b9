/**
 * The networks of the benchmarks, with seeded weights, as this product and as ONNX Runtime reads
 * them.
 */
package io.github.flinkrnn.network;
