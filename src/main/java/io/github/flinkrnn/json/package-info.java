/** Reads tokens from JSON, and writes predictions and dead letters as JSON. */
package io.github.flinkrnn.json;
