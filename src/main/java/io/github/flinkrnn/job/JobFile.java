package io.github.flinkrnn.job;

import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.OutputField;
import java.time.Duration;
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
 * @param idleTimeout zero to keep the state of silent keys for ever
 * @param outputFields besides key and t
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
    Duration idleTimeout,
    List<OutputField> outputFields,
    Map<String, String> flink) {

  /** Without the options, which may hold secrets. */
  @Override
  public String toString() {
    return "job " + name + " of " + file;
  }

  /** The same job between other ends. */
  public JobFile between(SourceSpec from, SinkSpec to, Optional<SinkSpec> rejectedTo) {
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
        idleTimeout,
        outputFields,
        flink);
  }
}
