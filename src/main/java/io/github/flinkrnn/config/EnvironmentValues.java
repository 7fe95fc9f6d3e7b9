package io.github.flinkrnn.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The environment of a job file, which remembers what it gave: these values may be secrets, so in
 * what is shown to people the variable's name stands in their place. Safe for several threads: a
 * log is written by many.
 *
 * <p>A value of {@value #ANYWHERE} characters or more is found anywhere in a text, a shorter one
 * only as a word of its own. Shorter than {@value #SHORTEST} characters, a small number, true and
 * false are found nowhere: they would be found by chance, in counts and addresses.
 */
public final class EnvironmentValues implements UnaryOperator<String> {
  private static final int ANYWHERE = 8;
  private static final int SHORTEST = 3;
  private static final Pattern BY_CHANCE =
      Pattern.compile("\\d{1,6}|true|false|localhost|127\\.0\\.0\\.1");
  private static final Pattern LIST = Pattern.compile("[,;\\r\\n]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

  private final UnaryOperator<String> environment;

  /** What is shown for a value; the longest first, for one may be a part of another. */
  private final Map<String, String> shown =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));

  /**
   * @param environment the value of a variable, or null
   */
  public EnvironmentValues(UnaryOperator<String> environment) {
    this.environment = environment;
  }

  /** The same object for one that remembers already. */
  public static EnvironmentValues of(UnaryOperator<String> environment) {
    return environment instanceof EnvironmentValues values
        ? values
        : new EnvironmentValues(environment);
  }

  /** The value of a variable, or null; it is remembered. */
  @Override
  public String apply(String name) {
    String value = environment.apply(name);
    if (value != null) {
      remember(value, name);
      for (String part : LIST.split(value, -1)) { // of brokers, of lines
        remember(part.strip(), name);
        remember(PORT.matcher(part.strip()).replaceFirst(""), name);
      }
      try {
        remember(Path.of(value).normalize().toString(), name); // as errors show paths
      } catch (InvalidPathException e) {
        // no path
      }
    }
    return value;
  }

  private void remember(String value, String name) {
    if (value.length() >= SHORTEST && !BY_CHANCE.matcher(value).matches()) {
      shown.putIfAbsent(value, "${" + name + "}");
    }
  }

  /** A text with {@code ${NAME}} in the place of each value. */
  public String hide(String text) {
    if (text == null || shown.isEmpty()) {
      return text;
    }
    StringBuilder hidden = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      Map.Entry<String, String> value = at(text, at);
      if (value == null) {
        hidden.append(text.charAt(at));
        at++;
      } else {
        hidden.append(value.getValue());
        at += value.getKey().length();
      }
    }
    return hidden.toString();
  }

  private Map.Entry<String, String> at(String text, int at) {
    for (Map.Entry<String, String> value : shown.entrySet()) {
      String found = value.getKey();
      if (text.startsWith(found, at)
          && (found.length() >= ANYWHERE || isWord(text, at, at + found.length()))) {
        return value;
      }
    }
    return null;
  }

  private static boolean isWord(String text, int from, int to) {
    boolean begins = from == 0 || !(isOfWord(text, from) && isOfWord(text, from - 1));
    boolean ends = to == text.length() || !(isOfWord(text, to - 1) && isOfWord(text, to));
    return begins && ends;
  }

  private static boolean isOfWord(String text, int at) {
    return Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_';
  }

  /**
   * A failure whose messages, those of its causes included, hide the values: the same one where
   * there is nothing to hide, else one that says the same without what was suppressed.
   */
  public Exception hide(Exception failure) {
    Set<Throwable> shown = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(failure, shown);
    boolean quotes = shown.stream().anyMatch(at -> !at.toString().equals(hide(at.toString())));
    return quotes ? copy(failure, shown) : failure;
  }

  /** All that its stack trace shows. */
  private static void collect(Throwable failure, Set<Throwable> to) {
    if (failure != null && to.add(failure)) {
      collect(failure.getCause(), to);
      for (Throwable suppressed : failure.getSuppressed()) {
        collect(suppressed, to);
      }
    }
  }

  private RuntimeException copy(Throwable failure, Set<Throwable> left) {
    left.remove(failure);
    Throwable cause = failure.getCause();
    RuntimeException copy =
        new RuntimeException(
            hide(failure.toString()), left.contains(cause) ? copy(cause, left) : null);
    copy.setStackTrace(failure.getStackTrace());
    return copy;
  }
}
