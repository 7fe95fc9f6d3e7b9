package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Fingerprint;
import org.apache.flink.annotation.Internal;

/**
 * The content of a network's fingerprint. It is used once, when a model is loaded, so that a
 * running network does not need to keep data only for the fingerprint.
 */
@Internal
public interface Fingerprinted {
  /** Adds everything that a&lt;t&gt; depends on, so that no other network reads the state. */
  void addTo(Fingerprint fingerprint);

  /** Adds everything else that the logits depend on. */
  void addHeadTo(Fingerprint fingerprint);
}
