/** From the files of a model directory to a network: what the readers of its formats share. */
package io.github.flinkrnn.formats;
