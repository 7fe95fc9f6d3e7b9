/** Graphs of ONNX: the recurrent nodes and the plumbing around them. */
package io.github.flinkrnn.formats.onnx;
