/**
 * Faults under load. Faults are injected into a job on real processes, and a read_committed
 * consumer must see the predictions of a run without faults. {@code jobs/faults.sh} runs it.
 */
package io.github.flinkrnn.rig.faults;
