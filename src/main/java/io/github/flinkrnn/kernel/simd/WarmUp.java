package io.github.flinkrnn.kernel.simd;

import io.github.flinkrnn.kernel.Affine;
import io.github.flinkrnn.kernel.WeightForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.ejml.data.FMatrixRMaj;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warms up the vector code in the first seconds of a JVM. Until a vector operation is compiled, it
 * is a call that allocates objects: a step takes a thousand times as long, and the first thousand
 * steps take seconds. So scalars compute at first, with the same bits, while a separate thread runs
 * every loop of the kernel with all its branches until each is fast. A JVM that takes only a few
 * steps never starts that thread.
 */
final class WarmUp {
  private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

  /** The number of products and functions to compute before the warm-up starts. */
  private static final int COLD_CALLS = 2_000;

  private static final int CALLS_A_ROUND = 50;
  private static final long FAST_NANOS = 5_000; // a compiled loop takes tens of nanoseconds

  /** The maximum time of the warm-up. After it, a JVM that does not compile keeps scalars. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final int COLUMNS = 35; // 2 · 17 + 1 and 4 · 8 + 3

  private final Supplier<List<Runnable>> loops;
  private volatile boolean over;
  private int calls; // of all threads; not counting some calls is harmless

  WarmUp(boolean over) {
    this(over, WarmUp::loops);
  }

  private WarmUp(boolean over, Supplier<List<Runnable>> loops) {
    this.loops = loops;
    this.over = over;
  }

  /** Whether vectors compute. Must be called for each operation, because it counts them. */
  boolean isOver() {
    return over || isOverAfterCall();
  }

  private boolean isOverAfterCall() {
    if (++calls == COLD_CALLS) {
      Thread thread = new Thread(this::run, "flink-rnn vectors warm up");
      thread.setDaemon(true);
      thread.start();
    }
    return false;
  }

  private void run() {
    List<Runnable> all = loops.get();
    long begin = System.nanoTime();
    while (!areFast(all)) {
      if (System.nanoTime() - begin > PATIENCE_NANOS) {
        LOG.warn(
            "Computing without vectors, because this JVM did not compile the vector code within a"
                + " minute");
        return;
      }
    }
    over = true;
  }

  private static boolean areFast(List<Runnable> loops) {
    boolean fast = true;
    for (Runnable loop : loops) {
      long begin = System.nanoTime();
      for (int call = 0; call < CALLS_A_ROUND; call++) {
        loop.run();
      }
      fast &= System.nanoTime() - begin < CALLS_A_ROUND * FAST_NANOS;
    }
    return fast;
  }

  /** The loops of products in a form of 16 bits. Only JVMs with such a product run them. */
  static WarmUp of(WeightForm form, boolean over) {
    return new WarmUp(over, () -> loops(form));
  }

  private static List<Runnable> loops(WeightForm form) {
    FMatrixRMaj integers = new FMatrixRMaj(64 + 1, COLUMNS); // which every form holds
    for (int i = 0; i < integers.data.length; i++) {
      integers.data[i] = i % 7;
    }
    List<Runnable> loops = new ArrayList<>();
    add(new SimdKernel().affine(integers, null, form), loops);
    return loops;
  }

  /** Every other loop of the kernel, with sizes that are not multiples of the vector length. */
  private static List<Runnable> loops() {
    SimdKernel kernel = new SimdKernel();
    int lanes = SimdKernel.SPECIES.length();
    int n = 4 * lanes + 3;
    Random random = new Random(1);
    float[] gates = numbers(random, 4 * n);
    float[] from = numbers(random, n);
    float[] to = new float[n];
    float[] out = new float[n];
    List<Runnable> loops = new ArrayList<>();
    for (int rows : new int[] {64 + 1, 2 * lanes + 1, lanes + 1, lanes - 1}) {
      FMatrixRMaj weights = FMatrixRMaj.wrap(rows, COLUMNS, numbers(random, rows * COLUMNS));
      add(kernel.affine(weights, null), loops);
    }
    loops.add(() -> kernel.tanh(gates, 0, to, 0, n));
    loops.add(() -> kernel.sigmoid(gates, 0, to, 0, n));
    loops.add(() -> kernel.exp(gates, 0, to, 0, n));
    loops.add(() -> kernel.isFinite(gates, 0, n));
    loops.add(() -> kernel.lstm(gates, from, to, 0, out, 0, n));
    loops.add(() -> kernel.gru(gates, 0, from, from, to, 0, n));
    float[][] rows = {gates, gates};
    float[] two = {1, 2};
    loops.add(() -> kernel.sum(from, gates, two, rows, new int[] {0, n}, to));
    return loops;
  }

  private static void add(Affine product, List<Runnable> loops) {
    Random random = new Random(2);
    float[] x = numbers(random, product.columns());
    float[] y = new float[product.rows()];
    loops.add(() -> product.apply(x, 0, y, 0));
    float[][] each = {x, x.clone(), x, x.clone(), x, x.clone(), x, x.clone()};
    float[][] several = new float[each.length][product.rows()];
    loops.add(() -> product.applyEach(each.length, each, 0, several, 0));
  }

  private static float[] numbers(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
