/**
 * Faults under load: a job on real processes is struck again and again, and what a read_committed
 * consumer sees must be the predictions of a run without faults. {@code jobs/faults.sh} runs it.
 */
package io.github.flinkrnn.faults;
