/** Step graphs that ONNX Runtime computes, for networks that the built-in cells cannot. */
package io.github.flinkrnn.onnxruntime;
