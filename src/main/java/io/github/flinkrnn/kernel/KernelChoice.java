package io.github.flinkrnn.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides, once a JVM, which kernel computes. */
final class KernelChoice {
  static final String PROPERTY = "flink-rnn.kernel";

  private static final Logger LOG = LoggerFactory.getLogger(Kernel.class);
  private static final String MODULE = "jdk.incubator.vector";
  // By its name: a JVM without the module must not touch the class.
  private static final String SIMD = "io.github.flinkrnn.kernel.simd.SimdKernel";

  // Not in a static initializer, where what went wrong would be told once, and then hidden.
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
   * @param forced {@code simd}, {@code portable}, or null for the better one that there is
   * @param hasModule whether the JVM has the incubator module
   */
  static Kernel choose(String forced, boolean hasModule) {
    if (forced == null) {
      if (!hasModule) {
        LOG.warn(
            "Computing with the portable kernel, several times slower than with vectors:"
                + " start the JVM with --add-modules {}",
            MODULE);
      }
      return hasModule ? simd(true) : new PortableKernel();
    }
    return switch (forced) {
      case "portable" -> new PortableKernel();
      case "simd" -> {
        if (!hasModule) {
          throw new IllegalStateException(
              PROPERTY + "=simd needs a JVM started with --add-modules " + MODULE);
        }
        yield simd(false);
      }
      default ->
          throw new IllegalStateException(
              PROPERTY + "=" + forced + " is neither simd nor portable");
    };
  }

  private static Kernel simd(boolean warmsUp) {
    try {
      return Class.forName(SIMD)
          .asSubclass(Kernel.class)
          .getConstructor(boolean.class)
          .newInstance(warmsUp);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the kernel with vectors cannot be loaded", e);
    }
  }
}
