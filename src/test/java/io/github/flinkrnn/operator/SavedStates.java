package io.github.flinkrnn.operator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot.CommonSerializerKeys;

/** The states that a snapshot contains, by name, each with its serializer. */
final class SavedStates {
  private SavedStates() {}

  /** {@code name} to {@code serializer snapshot class and version}. */
  static Map<String, String> of(OperatorSubtaskState snapshot) throws IOException {
    ClassLoader loader = SavedStates.class.getClassLoader();
    List<StateMetaInfoSnapshot> all = new ArrayList<>();
    for (KeyedStateHandle handle : snapshot.getManagedKeyedState()) {
      try (FSDataInputStream in = ((StreamStateHandle) handle).openInputStream()) {
        KeyedBackendSerializationProxy<?> proxy = new KeyedBackendSerializationProxy<>(loader);
        proxy.read(new DataInputViewStreamWrapper(in));
        all.addAll(proxy.getStateMetaInfoSnapshots());
      }
    }
    for (OperatorStateHandle handle : snapshot.getManagedOperatorState()) {
      try (FSDataInputStream in = handle.openInputStream()) {
        OperatorBackendSerializationProxy proxy = new OperatorBackendSerializationProxy(loader);
        proxy.read(new DataInputViewStreamWrapper(in));
        all.addAll(proxy.getOperatorStateMetaInfoSnapshots());
      }
    }
    Map<String, String> states = new TreeMap<>();
    for (StateMetaInfoSnapshot state : all) {
      TypeSerializerSnapshot<?> serializer =
          state.getTypeSerializerSnapshot(CommonSerializerKeys.VALUE_SERIALIZER);
      if (serializer != null) { // timer queues have their own serializer
        String name = serializer.getClass().getName();
        states.put(
            state.getName(),
            name.substring(name.lastIndexOf('.') + 1) + " " + serializer.getCurrentVersion());
      }
    }
    return states;
  }
}
