/**
 * The layers of a recurrent network, which compute a&lt;t&gt; from a&lt;t-1&gt; and x&lt;t&gt;.
 * Independent of Flink.
 */
package io.github.flinkrnn.layer;
