package io.github.flinkrnn.operator;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;

/** Provides the map states of the current key, as Flink's runtime context does. */
@Internal
@FunctionalInterface
public interface MapStates {
  /** The state with a descriptor. */
  <K, V> MapState<K, V> of(MapStateDescriptor<K, V> descriptor);
}
