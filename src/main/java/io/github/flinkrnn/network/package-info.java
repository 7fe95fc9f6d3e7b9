/**
 * A network: input ► layers ► head, from x&lt;t&gt; to the logits. Knows no file and nothing of
 * Flink.
 */
package io.github.flinkrnn.network;
