package io.github.flinkrnn.json;

import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.RecyclerPool;

/**
 * Reuses the buffers of one decoder's parser without a pool that all threads share. Not
 * thread-safe.
 */
final class OwnRecycler implements RecyclerPool<BufferRecycler> {
  private static final long serialVersionUID = 1L;

  private transient BufferRecycler free;

  @Override
  public BufferRecycler acquirePooled() {
    BufferRecycler taken = free == null ? new BufferRecycler() : free;
    free = null; // a parser within another gets buffers of its own
    return taken;
  }

  @Override
  public void releasePooled(BufferRecycler released) {
    free = released;
  }
}
