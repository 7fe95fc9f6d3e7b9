package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.annotation.Internal;

/** The arguments of a command: options with a value, options without, and the rest in order. */
@Internal
public final class Arguments {
  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private final List<String> rest = new ArrayList<>();

  private Arguments() {}

  /**
   * @param valued options with a value: the next word, or what follows {@code =}
   * @param flags options without a value
   * @throws UsageException for any other option, or for a missing value
   */
  public static Arguments parse(String[] words, Set<String> valued, Set<String> flags) {
    Arguments arguments = new Arguments();
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      if (!word.startsWith("--")) {
        arguments.rest.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      String option = equals < 0 ? word : word.substring(0, equals);
      if (flags.contains(option) && equals < 0) {
        arguments.values.put(option, List.of());
      } else if (valued.contains(option)) {
        if (equals < 0 && ++i == words.length) {
          throw new UsageException(option + ": missing: expected a value");
        }
        String value = equals < 0 ? words[i] : word.substring(equals + 1);
        if (value.isBlank()) {
          throw new UsageException(option + ": missing: expected a value");
        }
        arguments.values.computeIfAbsent(option, o -> new ArrayList<>()).add(value);
      } else {
        List<String> known = new ArrayList<>(valued);
        known.addAll(flags);
        throw new UsageException(option + ": unknown option" + Nearest.hint(option, known));
      }
    }
    return arguments;
  }

  /** The words that are not options. */
  public List<String> rest() {
    return rest;
  }

  /** Whether the option was given. */
  public boolean has(String option) {
    return values.containsKey(option);
  }

  /** All values of a repeatable option. */
  public List<String> all(String option) {
    return values.getOrDefault(option, List.of());
  }

  /**
   * The value of an option that may be given only once.
   *
   * @throws UsageException if it is repeated
   */
  public Optional<String> one(String option) {
    List<String> all = all(option);
    if (all.size() > 1) {
      throw new UsageException(option + ": expected one value, found " + all.size());
    }
    return all.stream().findFirst();
  }
}
