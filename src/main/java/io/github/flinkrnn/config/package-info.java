/**
 * Reading what people write: configuration files field by field, and the one error they can end in.
 */
package io.github.flinkrnn.config;
