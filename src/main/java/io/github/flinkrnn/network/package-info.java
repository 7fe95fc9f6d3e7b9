/**
 * A network: input ► layers ► head, from x&lt;t&gt; to the logits. Independent of files and of
 * Flink.
 */
package io.github.flinkrnn.network;
