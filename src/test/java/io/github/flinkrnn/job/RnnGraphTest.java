package io.github.flinkrnn.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.json.TokenDecoder;
import io.github.flinkrnn.json.TokenFields;
import io.github.flinkrnn.operator.ModelLocation;
import io.github.flinkrnn.operator.RnnFunction;
import io.github.flinkrnn.sequence.SourceRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

/** The operators of the graph, by the uids that savepoints use. */
class RnnGraphTest {

  /** A changed uid loses the state of every running job, so both are literal strings here. */
  @Test
  void itsOperatorsAreDecodeAndRnn() {
    Map<String, String> nameByUid = new TreeMap<>();
    for (StreamNode node : graph().getStreamNodes()) {
      nameByUid.put(node.getTransformationUID(), node.getOperatorName());
    }
    assertThat(nameByUid.keySet())
        .containsExactlyInAnyOrder("records", "decode", "rnn", "predictions", "rejected");
    assertThat(nameByUid).containsEntry("decode", "decode").containsEntry("rnn", "rnn");
  }

  /** Generated uids and generic types are disabled, so either would throw here. */
  @Test
  void becomesAJobWithoutGeneratedUidsAndWithoutKryo() {
    List<JobVertex> vertices =
        graph()
            .getJobGraph(getClass().getClassLoader())
            .getVerticesSortedTopologicallyFromSources();
    assertThat(vertices.stream().flatMap(vertex -> vertex.getOperatorIDs().stream())).hasSize(5);
  }

  private static StreamGraph graph() {
    Configuration strict = new Configuration();
    strict.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
    strict.set(PipelineOptions.GENERIC_TYPES, false);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(strict);
    DataStream<SourceRecord> records =
        environment
            .fromData(
                List.of(new SourceRecord(null, new byte[0], 0, null, null)),
                TypeInformation.of(SourceRecord.class))
            .uid("records");
    // The model is not read before the operators open.
    ModelLocation model = new ModelLocation("file:/no/such/model");
    RnnGraph graph =
        RnnGraph.of(
            records,
            new TokenDecodeFunction(
                model, TokenFields.TOP_LEVEL, TokenDecoder.DEFAULT_MAX_BYTES, false),
            RnnFunction.of(model.uri()));
    graph.predictions().sinkTo(new DiscardingSink<>()).uid("predictions");
    graph.rejected().sinkTo(new DiscardingSink<>()).uid("rejected");
    return environment.getStreamGraph();
  }
}
