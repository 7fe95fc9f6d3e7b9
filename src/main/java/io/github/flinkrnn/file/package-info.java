/** Files and the standard streams as the ends of a job. */
package io.github.flinkrnn.file;
