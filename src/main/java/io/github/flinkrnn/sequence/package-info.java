/** The data types of a job: records, tokens, predictions and rejected records. */
package io.github.flinkrnn.sequence;
