package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Fingerprint;

/**
 * All that decides the steps of a network. It is asked once, when a model is loaded: a network in
 * service need not keep what only this needs.
 */
public interface Fingerprinted {
  /** Adds all that a&lt;t&gt; depends on: a state is never read by another network. */
  void addTo(Fingerprint fingerprint);

  /** Adds what the logits depend on besides. */
  void addHeadTo(Fingerprint fingerprint);
}
