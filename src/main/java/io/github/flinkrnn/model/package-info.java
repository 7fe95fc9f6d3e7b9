/**
 * A trained model: a network with names, labels and a vocabulary, read from a directory.
 * Independent of Flink.
 */
package io.github.flinkrnn.model;
