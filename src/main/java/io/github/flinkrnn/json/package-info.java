/** Tokens out of JSON, predictions and dead letters into it. */
package io.github.flinkrnn.json;
