/** Models of Keras: its archives, its HDF5 files, its layouts. */
package io.github.flinkrnn.formats.keras;
