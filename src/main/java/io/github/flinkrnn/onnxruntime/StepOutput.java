package io.github.flinkrnn.onnxruntime;

/**
 * An output of a step graph as the trial returned it.
 *
 * @param shape all its dimensions
 */
record StepOutput(String name, StepType type, long[] shape) {}
