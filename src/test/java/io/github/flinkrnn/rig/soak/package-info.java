/**
 * Soak test: many tokens over many keys on real processes. It checks that throughput, memory, state
 * and checkpoints stay constant. {@code jobs/soak.sh} runs it.
 */
package io.github.flinkrnn.rig.soak;
