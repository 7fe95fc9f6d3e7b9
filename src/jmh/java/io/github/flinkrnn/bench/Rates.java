package io.github.flinkrnn.bench;

import java.util.ArrayList;
import java.util.List;

/** The rates of some candidates in each round. */
final class Rates {
  private final List<List<Double>> rates = new ArrayList<>();

  Rates(int candidates) {
    for (int i = 0; i < candidates; i++) {
      rates.add(new ArrayList<>());
    }
  }

  void add(int candidate, double rate) {
    rates.get(candidate).add(rate);
  }

  int rounds() {
    return rates.get(0).size();
  }

  /** NaN if the candidate was not measured. */
  double median(int candidate) {
    return Medians.median(rates.get(candidate));
  }

  /** The median of the ratios of the rounds, which differs from the ratio of the medians. */
  double ratio(int candidate, int by) {
    List<Double> ratios = new ArrayList<>();
    int rounds = Math.min(rates.get(candidate).size(), rates.get(by).size());
    for (int round = 0; round < rounds; round++) {
      ratios.add(rates.get(candidate).get(round) / rates.get(by).get(round));
    }
    return Medians.median(ratios);
  }
}
