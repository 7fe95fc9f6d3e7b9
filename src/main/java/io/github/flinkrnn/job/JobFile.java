package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.rules.BatchOptions;
import io.github.flinkrnn.rules.OutputOptions;
import io.github.flinkrnn.rules.SequenceOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.MemorySize;

/**
 * A job: the content of its file with the overrides of the command line.
 *
 * @param file the name of the file in errors
 * @param fields where a token's fields are in the user's JSON
 * @param saysMaxAhead whether the file has {@code sequence.max_ahead}
 * @param carriedNames the field of a prediction for each carried value
 * @param maxRecordBytes the maximum length of a record in bytes
 * @param deadLetters the sink of rejected records; without it, they are counted and logged
 * @param ends the sink of the ends of sequences, if any
 * @param sequence how tokens become sequences
 * @param output what is emitted
 * @param batch how many steps are computed together
 * @param stateCache how many bytes of states each subtask keeps as objects, above RocksDB
 * @param flink Flink's options, unchanged
 */
@Internal
public record JobFile(
    String file,
    String name,
    ModelLocation model,
    SourceSpec source,
    TokenFields fields,
    boolean saysMaxAhead,
    List<String> carriedNames,
    int maxRecordBytes,
    SinkSpec sink,
    Optional<SinkSpec> deadLetters,
    Optional<SinkSpec> ends,
    SequenceOptions sequence,
    OutputOptions output,
    BatchOptions batch,
    MemorySize stateCache,
    Map<String, String> flink) {

  /** Without the options, which may hold secrets. */
  @Override
  public String toString() {
    return "job " + name + " of " + file;
  }

  /** The sinks by their fields in the job file. */
  public Map<String, SinkSpec> sinks() {
    Map<String, SinkSpec> sinks = new LinkedHashMap<>();
    sinks.put("sink", sink);
    deadLetters.ifPresent(to -> sinks.put("dead_letters", to));
    ends.ifPresent(to -> sinks.put("ends", to));
    return sinks;
  }

  /** The same job with another source and other sinks. */
  public JobFile between(
      SourceSpec from, SinkSpec to, Optional<SinkSpec> rejectedTo, Optional<SinkSpec> endsTo) {
    return new JobFile(
        file,
        name,
        model,
        from,
        fields,
        saysMaxAhead,
        carriedNames,
        maxRecordBytes,
        to,
        rejectedTo,
        endsTo,
        sequence,
        output,
        batch,
        stateCache,
        flink);
  }
}
