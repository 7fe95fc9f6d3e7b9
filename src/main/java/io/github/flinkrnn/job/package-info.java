/** The job file, the graph between its ends, and the main class of a cluster's job. */
package io.github.flinkrnn.job;
