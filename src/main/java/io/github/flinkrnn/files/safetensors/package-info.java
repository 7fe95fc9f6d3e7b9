/** The safetensors file format. */
package io.github.flinkrnn.files.safetensors;
