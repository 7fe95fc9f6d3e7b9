package io.github.flinkrnn.network;

import io.github.flinkrnn.layer.Activation;
import org.ejml.data.FMatrixRMaj;

/**
 * One linear layer of a head: g(W v + b).
 *
 * @param weights W, [out × in]
 * @param bias b, [out], or null for none
 * @param activation g; identity for the last layer, whose output is the logits, unless the network
 *     ends in another that is no {@link OutputActivation}
 */
public record Dense(FMatrixRMaj weights, float[] bias, Activation activation) {}
