/** Handwritten weights in the notation of the equation: {@code parameters.json}. */
package io.github.flinkrnn.formats.parameters;
