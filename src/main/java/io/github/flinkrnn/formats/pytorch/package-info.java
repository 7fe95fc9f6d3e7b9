/** Weights of PyTorch: which tensor of a state_dict is what. */
package io.github.flinkrnn.formats.pytorch;
