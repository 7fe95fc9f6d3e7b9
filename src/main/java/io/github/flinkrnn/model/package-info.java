/**
 * A trained network: input ► cells ► head, and the directory it is read from. Knows nothing of
 * Flink.
 */
package io.github.flinkrnn.model;
