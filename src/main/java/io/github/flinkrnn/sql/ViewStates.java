package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.flinkrnn.operator.MapStates;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.table.api.dataview.MapView;

/**
 * All map states of the waiting tokens in the one view of a process table function: each entry is
 * at the name of its state and the bytes of its key. An unused state therefore costs nothing.
 */
final class ViewStates implements MapStates {
  private final Supplier<MapView<String, byte[]>> view;

  /**
   * @param view the view of the current call
   */
  ViewStates(Supplier<MapView<String, byte[]>> view) {
    this.view = view;
  }

  @Override
  public <K, V> MapState<K, V> of(MapStateDescriptor<K, V> descriptor) {
    descriptor.initializeSerializerUnlessSet(new ExecutionConfig());
    return new InView<>(
        descriptor.getName(), descriptor.getKeySerializer(), descriptor.getValueSerializer());
  }

  private final class InView<K, V> implements MapState<K, V> {
    private final String name;
    private final TypeSerializer<K> keys;
    private final TypeSerializer<V> values;
    private final DataOutputSerializer out = new DataOutputSerializer(64);
    private final DataInputDeserializer in = new DataInputDeserializer();

    private InView(String name, TypeSerializer<K> keys, TypeSerializer<V> values) {
      this.name = name;
      this.keys = keys;
      this.values = values;
    }

    private String place(K key) throws IOException {
      out.clear();
      keys.serialize(key, out);
      return name + ':' + new String(out.getSharedBuffer(), 0, out.length(), ISO_8859_1);
    }

    @Override
    public V get(K key) throws Exception {
      byte[] bytes = view.get().get(place(key));
      if (bytes == null) {
        return null;
      }
      in.setBuffer(bytes);
      return values.deserialize(in);
    }

    @Override
    public void put(K key, V value) throws Exception {
      String place = place(key);
      out.clear();
      values.serialize(value, out);
      view.get().put(place, out.getCopyOfBuffer());
    }

    @Override
    public void remove(K key) throws Exception {
      view.get().remove(place(key));
    }

    @Override
    public boolean contains(K key) throws Exception {
      return view.get().contains(place(key));
    }

    @Override
    public void putAll(Map<K, V> map) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<Map.Entry<K, V>> entries() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<K> keys() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<V> values() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isEmpty() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
      throw new UnsupportedOperationException();
    }
  }
}
