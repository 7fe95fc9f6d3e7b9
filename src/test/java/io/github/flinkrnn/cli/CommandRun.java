package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.config.EnvironmentValues;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * A run of a {@code jobs/run.sh} command in this process. Standard output is not kept.
 *
 * @param status the exit status
 * @param stderr the lines of standard error
 */
record CommandRun(int status, List<String> stderr) {
  static CommandRun of(Map<String, String> environment, String... words) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    EnvironmentValues values = new EnvironmentValues(environment::get);
    Console console = new Console(new PrintStream(err, true, UTF_8), false, Main.hiding(values));
    int status = Main.status(words, values, console);
    return new CommandRun(status, err.toString(UTF_8).lines().toList());
  }
}
