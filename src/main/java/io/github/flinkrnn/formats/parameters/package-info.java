/** Weights by hand, in the letters of the equation. */
package io.github.flinkrnn.formats.parameters;
