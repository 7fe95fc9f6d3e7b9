/** The job file, the graph with its sources and sinks, and the main class for a cluster. */
package io.github.flinkrnn.job;
