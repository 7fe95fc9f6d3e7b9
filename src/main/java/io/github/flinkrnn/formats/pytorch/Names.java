package io.github.flinkrnn.formats.pytorch;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Orders modules by their names: {@code fc2} comes before {@code fc10}. */
final class Names {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** Compares numbers in names by value. */
  static final Comparator<String> NATURAL =
      Comparator.<String, String>comparing(Names::skeleton)
          .thenComparing(Names::numbers, Names::compare)
          .thenComparing(Comparator.naturalOrder());

  /** The maximum number of things that are tried in every order (6! = 720). */
  static final int MOST = 6;

  private Names() {}

  /** Whether the names differ only in their numbers, so that these define the order. */
  static boolean areNumbered(List<String> names) {
    return names.stream().map(Names::skeleton).distinct().count() == 1;
  }

  private static String skeleton(String name) {
    return NUMBER.matcher(name).replaceAll("#");
  }

  private static List<BigInteger> numbers(String name) {
    List<BigInteger> numbers = new ArrayList<>();
    for (Matcher number = NUMBER.matcher(name); number.find(); ) {
      numbers.add(new BigInteger(number.group()));
    }
    return numbers;
  }

  private static int compare(List<BigInteger> a, List<BigInteger> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!a.get(i).equals(b.get(i))) {
        return a.get(i).compareTo(b.get(i));
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /**
   * The orders in which some things are right. If several orders are and the names are numbered,
   * only the order of the numbers. For more than {@link #MOST} things, only the order of the
   * numbers is tried.
   *
   * @param <T> the type of the things
   * @param asked the names in the only order to try, from the user; empty for all orders
   */
  static <T> List<List<T>> orders(
      List<T> things, Function<T, String> name, List<String> asked, Predicate<List<T>> isRight) {
    List<T> sorted = new ArrayList<>(things);
    if (!asked.isEmpty()) {
      sorted.sort(Comparator.comparing(thing -> asked.indexOf(name.apply(thing))));
      boolean isAsked = sorted.stream().map(name).toList().equals(asked);
      return isAsked && isRight.test(sorted) ? List.of(sorted) : List.of();
    }
    sorted.sort(Comparator.comparing(name, NATURAL));
    List<List<T>> right = new ArrayList<>();
    boolean numbered = areNumbered(sorted.stream().map(name).toList());
    if (sorted.size() <= MOST) {
      permute(sorted, 0, isRight, right);
    } else if (numbered && isRight.test(sorted)) {
      right.add(sorted);
    }
    return numbered && right.size() > 1 && right.contains(sorted) ? List.of(sorted) : right;
  }

  private static <T> void permute(
      List<T> things, int from, Predicate<List<T>> isRight, List<List<T>> right) {
    if (from == things.size()) {
      if (isRight.test(things)) {
        right.add(List.copyOf(things));
      }
      return;
    }
    for (int i = from; i < things.size(); i++) {
      List<T> next = new ArrayList<>(things);
      next.add(from, next.remove(i));
      permute(next, from + 1, isRight, right);
    }
  }
}
