package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.Shown;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.annotation.Internal;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.plugins.Plugin;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.core.pattern.ConverterKeys;
import org.apache.logging.log4j.core.pattern.LogEventPatternConverter;
import org.apache.logging.log4j.core.pattern.PatternConverter;
import org.apache.logging.log4j.core.pattern.PatternFormatter;

/**
 * {@code %shown{PATTERN}{line}} in a layout of the launcher's log: the pattern's text, escaped and
 * without secrets. {@code lines} is for stack traces, {@code json} for a string of a JSON object.
 */
@Internal
@Plugin(name = "shown", category = PatternConverter.CATEGORY)
@ConverterKeys("shown")
public final class LogText extends LogEventPatternConverter {
  private static volatile UnaryOperator<String> hide = UnaryOperator.identity();

  private final List<PatternFormatter> formatters;
  private final String form;

  private LogText(List<PatternFormatter> formatters, String form) {
    super("shown", "shown");
    this.formatters = formatters;
    this.form = form;
  }

  /** Sets how secrets are removed from this process's log. */
  static void hide(UnaryOperator<String> what) {
    hide = what;
  }

  /** Called by Log4j with the options between the braces. */
  public static LogText newInstance(Configuration configuration, String[] options) {
    return new LogText(
        PatternLayout.createPatternParser(configuration).parse(options[0]), options[1]);
  }

  @Override
  public void format(LogEvent event, StringBuilder to) {
    StringBuilder text = new StringBuilder();
    for (PatternFormatter formatter : formatters) {
      formatter.format(event, text);
    }
    to.append(shown(hide.apply(text.toString())));
  }

  private String shown(String text) {
    return switch (form) {
      case "json" -> Shown.json(text);
      case "lines" -> Shown.lines(text);
      default -> Shown.line(text);
    };
  }
}
