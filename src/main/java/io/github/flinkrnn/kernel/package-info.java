/** The arithmetic of a step, behind one interface, with the same bits from every kernel. */
package io.github.flinkrnn.kernel;
