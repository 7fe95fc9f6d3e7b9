/** Reads PyTorch weights: finds the role of each tensor of a state_dict. */
package io.github.flinkrnn.formats.pytorch;
