/** The arithmetic of a step, with the same bits in every kernel. */
package io.github.flinkrnn.kernel;
