package io.github.flinkrnn.machine;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loops with the Vector API. Loaded by name, because the module may be missing. */
final class PanamaLoops implements VectorLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  // Two multiply-adds per cycle with a latency of four cycles need eight at once. Twelve leave no
  // gap.
  private static final int ACCUMULATORS = 12;

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public int multiplyAddsOfARound() {
    return ACCUMULATORS * LANES;
  }

  @Override
  public float multiplyAdd(int rounds) {
    FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = FloatVector.broadcast(SPECIES, 0.1f);
    FloatVector b = FloatVector.broadcast(SPECIES, 0.2f);
    FloatVector c = FloatVector.broadcast(SPECIES, 0.3f);
    FloatVector d = FloatVector.broadcast(SPECIES, 0.4f);
    FloatVector e = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector f = FloatVector.broadcast(SPECIES, 0.6f);
    FloatVector g = FloatVector.broadcast(SPECIES, 0.7f);
    FloatVector h = FloatVector.broadcast(SPECIES, 0.8f);
    FloatVector i = FloatVector.broadcast(SPECIES, 0.9f);
    FloatVector j = FloatVector.broadcast(SPECIES, 1.1f);
    FloatVector k = FloatVector.broadcast(SPECIES, 1.2f);
    FloatVector l = FloatVector.broadcast(SPECIES, 1.3f);
    for (int round = 0; round < rounds; round++) {
      a = a.fma(factor, term);
      b = b.fma(factor, term);
      c = c.fma(factor, term);
      d = d.fma(factor, term);
      e = e.fma(factor, term);
      f = f.fma(factor, term);
      g = g.fma(factor, term);
      h = h.fma(factor, term);
      i = i.fma(factor, term);
      j = j.fma(factor, term);
      k = k.fma(factor, term);
      l = l.fma(factor, term);
    }
    FloatVector all =
        a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l);
    return all.reduceLanes(VectorOperators.ADD);
  }

  @Override
  public float sum(float[] numbers) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    int step = 8 * LANES;
    int at = 0;
    for (; at + step <= numbers.length; at += step) {
      a = a.add(FloatVector.fromArray(SPECIES, numbers, at));
      b = b.add(FloatVector.fromArray(SPECIES, numbers, at + LANES));
      c = c.add(FloatVector.fromArray(SPECIES, numbers, at + 2 * LANES));
      d = d.add(FloatVector.fromArray(SPECIES, numbers, at + 3 * LANES));
      e = e.add(FloatVector.fromArray(SPECIES, numbers, at + 4 * LANES));
      f = f.add(FloatVector.fromArray(SPECIES, numbers, at + 5 * LANES));
      g = g.add(FloatVector.fromArray(SPECIES, numbers, at + 6 * LANES));
      h = h.add(FloatVector.fromArray(SPECIES, numbers, at + 7 * LANES));
    }
    FloatVector all = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h);
    float sum = all.reduceLanes(VectorOperators.ADD);
    for (; at < numbers.length; at++) {
      sum += numbers[at];
    }
    return sum;
  }
}
