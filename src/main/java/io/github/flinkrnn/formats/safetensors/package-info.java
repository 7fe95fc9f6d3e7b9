/** The safetensors file format. */
package io.github.flinkrnn.formats.safetensors;
