/**
 * The vector kernel. Only a JVM with the module {@code jdk.incubator.vector} loads these classes.
 * They are compiled separately.
 */
package io.github.flinkrnn.kernel.simd;
