/** What flows: records, tokens, predictions, and the records that were rejected. */
package io.github.flinkrnn.sequence;
