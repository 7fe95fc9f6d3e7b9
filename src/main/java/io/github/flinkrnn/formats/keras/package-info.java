/** Reads Keras models: archives, HDF5 files and the layouts of their weights. */
package io.github.flinkrnn.formats.keras;
