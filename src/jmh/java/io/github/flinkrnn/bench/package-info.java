/** What {@code jobs/bench.sh} runs: the product, ONNX Runtime by hand and Flink alone, in pairs. */
package io.github.flinkrnn.bench;
