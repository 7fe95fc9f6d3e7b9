/** Files and the standard streams as sources and sinks. */
package io.github.flinkrnn.file;
