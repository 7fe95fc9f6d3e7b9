/** Reads ONNX graphs: recurrent nodes, and the nodes around them. */
package io.github.flinkrnn.formats.onnx;
