package io.github.flinkrnn.operator;

import org.apache.flink.runtime.io.disk.iomanager.IOManager;
import org.apache.flink.runtime.io.disk.iomanager.IOManagerAsync;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/**
 * Environments of Flink's operator harness. An I/O manager has two threads and a directory, and the
 * operators here use neither, so all environments share one: its start and end took longer than
 * some tests.
 */
public final class HarnessEnvironment {
  private static final IOManager SHARED =
      new IOManagerAsync() {
        @Override
        public void close() {
          // It ends with the JVM, and Flink's shutdown hook deletes its directory.
        }
      };

  private HarnessEnvironment() {}

  public static MockEnvironmentBuilder builder() {
    return new MockEnvironmentBuilder().setIOManager(SHARED);
  }
}
