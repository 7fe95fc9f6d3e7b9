/**
 * The kernel of vectors. Only a JVM with the module {@code jdk.incubator.vector} loads these
 * classes; they are compiled apart from the others.
 */
package io.github.flinkrnn.kernel.simd;
