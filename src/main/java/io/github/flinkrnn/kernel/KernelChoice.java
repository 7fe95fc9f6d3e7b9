package io.github.flinkrnn.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the kernel, once per JVM. */
final class KernelChoice {
  static final String PROPERTY = "flink-rnn.kernel";

  private static final Logger LOG = LoggerFactory.getLogger(Kernel.class);
  private static final String MODULE = "jdk.incubator.vector";
  // By name, because a JVM without the module cannot load the class.
  private static final String SIMD = "io.github.flinkrnn.kernel.simd.SimdKernel";

  // Not in a static initializer, which would report a failure only once.
  private static volatile Kernel chosen;

  private KernelChoice() {}

  static Kernel ofThisJvm() {
    Kernel kernel = chosen;
    return kernel == null ? chooseOnce() : kernel;
  }

  private static synchronized Kernel chooseOnce() {
    if (chosen == null) {
      chosen =
          choose(System.getProperty(PROPERTY), ModuleLayer.boot().findModule(MODULE).isPresent());
    }
    return chosen;
  }

  /**
   * @param forced {@code simd}, {@code portable}, or null for the fastest one available
   * @param hasModule whether the JVM has the incubator module
   */
  static Kernel choose(String forced, boolean hasModule) {
    if (forced == null) {
      if (!hasModule) {
        LOG.warn(
            "Using the portable kernel, which is several times slower than the vector kernel; start"
                + " the JVM with --add-modules {} to use vectors",
            MODULE);
      }
      return hasModule ? simd(true) : new PortableKernel();
    }
    return switch (forced) {
      case "portable" -> new PortableKernel();
      case "simd" -> {
        if (!hasModule) {
          throw new IllegalStateException(
              PROPERTY + "=simd: expected a JVM started with --add-modules " + MODULE);
        }
        yield simd(false);
      }
      default ->
          throw new IllegalStateException(
              PROPERTY + ": expected simd or portable, found " + forced);
    };
  }

  private static Kernel simd(boolean warmsUp) {
    try {
      return Class.forName(SIMD)
          .asSubclass(Kernel.class)
          .getConstructor(boolean.class)
          .newInstance(warmsUp);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The vector kernel cannot be loaded", e);
    }
  }
}
