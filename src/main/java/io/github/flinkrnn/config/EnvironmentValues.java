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
import org.apache.flink.annotation.Internal;

/**
 * The environment variables of a job file. Their values may be secrets, so this class remembers the
 * values it has returned and replaces them with the variables' names in logs and errors.
 * Thread-safe, because several threads write to the log.
 *
 * <p>A value of {@value #ANYWHERE} characters or more is replaced anywhere in a text, a shorter
 * value only where it is a whole word. Values of fewer than {@value #SHORTEST} characters, small
 * numbers, true, false and localhost are never replaced, because they also occur by chance.
 */
@Internal
public final class EnvironmentValues implements UnaryOperator<String> {
  private static final int ANYWHERE = 8;
  private static final int SHORTEST = 3;
  private static final Pattern BY_CHANCE =
      Pattern.compile("\\d{1,6}|true|false|localhost|127\\.0\\.0\\.1");
  private static final Pattern LIST = Pattern.compile("[,;\\r\\n]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

  private final UnaryOperator<String> environment;

  /** What is shown for each value. The longest comes first, because it may contain another. */
  private final Map<String, String> shown =
      new ConcurrentSkipListMap<>(
          Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));

  /**
   * @param environment returns the value of a variable, or null
   */
  public EnvironmentValues(UnaryOperator<String> environment) {
    this.environment = environment;
  }

  /** Returns {@code environment} itself when it already is of this class. */
  public static EnvironmentValues of(UnaryOperator<String> environment) {
    return environment instanceof EnvironmentValues values
        ? values
        : new EnvironmentValues(environment);
  }

  /** The value of a variable, or null. Remembers the value. */
  @Override
  public String apply(String name) {
    String value = environment.apply(name);
    if (value != null) {
      remember(value, name);
      for (String part : LIST.split(value, -1)) { // a list of brokers, or lines
        remember(part.strip(), name);
        remember(PORT.matcher(part.strip()).replaceFirst(""), name);
      }
      try {
        remember(Path.of(value).normalize().toString(), name); // as errors show paths
      } catch (InvalidPathException e) {
        // not a path
      }
    }
    return value;
  }

  private void remember(String value, String name) {
    if (value.length() >= SHORTEST && !BY_CHANCE.matcher(value).matches()) {
      shown.putIfAbsent(value, "${" + name + "}");
    }
  }

  /** Replaces each remembered value in a text by {@code ${NAME}}. */
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
   * Hides the values in the messages of a failure and its causes. Returns the failure itself when
   * there is nothing to hide, else a copy without its suppressed exceptions.
   */
  public Exception hide(Exception failure) {
    Set<Throwable> shown = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(failure, shown);
    boolean quotes = shown.stream().anyMatch(at -> !at.toString().equals(hide(at.toString())));
    return quotes ? copy(failure, shown) : failure;
  }

  /** Collects all throwables that the stack trace shows. */
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
