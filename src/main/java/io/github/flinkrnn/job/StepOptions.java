package io.github.flinkrnn.job;

import io.github.flinkrnn.config.Choices;
import io.github.flinkrnn.config.Fields;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.rules.OptionException;
import io.github.flinkrnn.rules.OrderOptions;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;

/**
 * The sections {@code sequence} and {@code output} of a job file, for a table: times are event
 * times, and the table has the watermarks.
 *
 * @param sequence how tokens become sequences
 * @param output what is emitted
 * @param fields of a prediction, in the order in which they were named
 * @param carried the names of the columns that are copied to the predictions
 * @param hasRejects whether rejected tokens are rows
 * @serial exclude
 */
@Internal
public record StepOptions(
    SequenceOptions sequence,
    OutputOptions output,
    List<OutputField> fields,
    List<String> carried,
    boolean hasRejects)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final List<OutputField> DEFAULT_FIELDS =
      List.of(OutputField.LABEL, OutputField.PREDICTION);
  private static final int MAX_CARRIED = 100;
  private static final List<String> LISTS = List.of("output.fields", "output.carry");
  private static final List<String> OF_THE_TABLE =
      List.of("max_out_of_orderness", "idle_partition", "max_ahead");

  /**
   * Reads options.
   *
   * @param where the options are, for errors
   * @param options by their paths in a job file, such as {@code sequence.idle_timeout}
   * @param hasTime whether the rows have an event time
   * @throws InvalidFileException if an option is invalid
   */
  public static StepOptions of(String where, Map<String, String> options, boolean hasTime) {
    JobTree tree = JobTree.parse(where, "{}".getBytes(StandardCharsets.UTF_8));
    List<String> settings = new ArrayList<>();
    new TreeMap<>(options)
        .forEach((path, value) -> settings.add(setting(where, path, value == null ? "" : value)));
    try {
      tree.set(settings);
      Fields top = Fields.of(where, tree.root());
      Fields sequence = top.object("sequence");
      Fields output = top.object("output");
      top.rejectUnknown();
      return new StepOptions(sequence(sequence, hasTime), output);
    } catch (OptionException e) {
      throw new InvalidFileException(where, e.field(), e.problem());
    } catch (UsageException e) {
      throw new InvalidFileException(where, "", e.getMessage().replaceFirst("^--set ", ""));
    }
  }

  private StepOptions(SequenceOptions sequence, Fields output) {
    this(
        sequence,
        OutputReader.read(output, false).withFields(fields(output)),
        fields(output),
        output.texts("carry", MAX_CARRIED),
        output
            .choice("rejects", Choices.of(List.of("none", "rows"), List.of(false, true)))
            .orElse(false));
    output.rejectUnknown();
  }

  private static List<OutputField> fields(Fields output) {
    return output.has("fields") ? output.choices("fields", OutputField.byName()) : DEFAULT_FIELDS;
  }

  /** A list may be given as in {@code label,prediction}. */
  private static String setting(String where, String path, String value) {
    if (path.indexOf('=') >= 0 || !path.contains(".")) {
      throw new InvalidFileException(
          where, path, "expected an option like sequence.idle_timeout or output.fields");
    }
    boolean isList = LISTS.contains(path) && !value.strip().startsWith("[");
    return path + "=" + (isList ? "[" + value + "]" : value);
  }

  private static SequenceOptions sequence(Fields fields, boolean hasTime) {
    for (String name : OF_THE_TABLE) {
      if (fields.names().contains(name)) {
        throw fields.invalid(
            name, "expected only in a job file; here the table's WATERMARK decides");
      }
    }
    if (fields.names().contains("idle_time")) {
      throw fields.invalid(
          "idle_time", "expected only in a job file; here idle_timeout is in event time");
    }
    for (String name : List.of("idle_timeout", "max_wait", "look_ahead_timeout")) {
      if (fields.names().contains(name) && !hasTime) {
        throw needsTime(fields, name);
      }
    }
    SequenceReader.Section section = SequenceReader.read(fields);
    SequenceOptions options = section.options();
    if (options.order().by() != OrderOptions.By.ARRIVAL && !hasTime) {
      throw needsTime(fields, "order");
    }
    boolean hasTimeout =
        !options.idleTimeout().isZero()
            || (options.lookAhead() != null && !options.lookAhead().timeout().isZero());
    return hasTimeout ? options.withIdleTimeout(options.idleTimeout(), true) : options;
  }

  private static InvalidFileException needsTime(Fields fields, String name) {
    return fields.invalid(name, "expected only with on_time => DESCRIPTOR(…)");
  }
}
