package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job, as its file says and the command line overrides.
 *
 * @param file how to name the file in errors
 * @param fields where a token's fields stand in the user's JSON
 * @param carriedNames the field of a prediction for each carried value
 * @param maxRecordBytes the longest record taken
 * @param deadLetters where rejected records go; they are counted and logged when there is none
 * @param ends where it is said that sequences ended, and why; nowhere when there is none
 * @param sequence how tokens become sequences
 * @param output what is emitted
 * @param flink Flink's options, as they are
 */
public record JobFile(
    String file,
    String name,
    ModelLocation model,
    SourceSpec source,
    TokenFields fields,
    List<String> carriedNames,
    int maxRecordBytes,
    SinkSpec sink,
    Optional<SinkSpec> deadLetters,
    Optional<SinkSpec> ends,
    SequenceOptions sequence,
    OutputOptions output,
    Map<String, String> flink) {

  /** Without the options, which may hold secrets. */
  @Override
  public String toString() {
    return "job " + name + " of " + file;
  }

  /** The sinks by the job file's name for each. */
  public Map<String, SinkSpec> sinks() {
    Map<String, SinkSpec> sinks = new LinkedHashMap<>();
    sinks.put("sink", sink);
    deadLetters.ifPresent(to -> sinks.put("dead_letters", to));
    ends.ifPresent(to -> sinks.put("ends", to));
    return sinks;
  }

  /** The same job between other ends. */
  public JobFile between(
      SourceSpec from, SinkSpec to, Optional<SinkSpec> rejectedTo, Optional<SinkSpec> endsTo) {
    return new JobFile(
        file,
        name,
        model,
        from,
        fields,
        carriedNames,
        maxRecordBytes,
        to,
        rejectedTo,
        endsTo,
        sequence,
        output,
        flink);
  }
}
