/** Reads the files of a model directory into a network: what the readers of all formats share. */
package io.github.flinkrnn.formats;
