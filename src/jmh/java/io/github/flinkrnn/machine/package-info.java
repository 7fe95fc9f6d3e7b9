/** What this machine can do at most: the yardsticks that the benchmarks are read against. */
package io.github.flinkrnn.machine;
