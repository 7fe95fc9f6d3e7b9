/**
 * Many tokens over many keys on real processes: whether throughput, memory, state and checkpoints
 * stay what they are. {@code jobs/soak.sh} runs it.
 */
package io.github.flinkrnn.soak;
