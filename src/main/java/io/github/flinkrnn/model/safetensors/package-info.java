/** The safetensors file format. */
package io.github.flinkrnn.model.safetensors;
