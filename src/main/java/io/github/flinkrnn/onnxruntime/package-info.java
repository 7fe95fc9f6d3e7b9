/** Runs step graphs in ONNX Runtime, for networks that the built-in cells do not support. */
package io.github.flinkrnn.onnxruntime;
