/** The measured limits of this machine, with which the results of the benchmarks are compared. */
package io.github.flinkrnn.machine;
