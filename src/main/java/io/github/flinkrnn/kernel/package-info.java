/** Products of a matrix and a vector, behind one interface. */
package io.github.flinkrnn.kernel;
