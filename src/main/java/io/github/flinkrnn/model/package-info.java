/**
 * A trained model: a network with names, labels and a vocabulary, and the directory it is read
 * from. Knows nothing of Flink.
 */
package io.github.flinkrnn.model;
