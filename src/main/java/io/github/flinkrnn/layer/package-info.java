/**
 * One layer of a recurrent network: how a&lt;t&gt; follows from a&lt;t-1&gt; and x&lt;t&gt;. Knows
 * nothing of Flink.
 */
package io.github.flinkrnn.layer;
