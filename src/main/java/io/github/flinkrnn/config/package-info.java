/**
 * Reads the configuration files that users write, field by field. Every mistake in such a file
 * becomes an {@link io.github.flinkrnn.config.InvalidFileException}.
 */
package io.github.flinkrnn.config;
