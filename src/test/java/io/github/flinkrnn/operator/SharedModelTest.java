package io.github.flinkrnn.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.DecodeHarness;
import io.github.flinkrnn.model.RnnModel;
import io.github.flinkrnn.rules.OutputField;
import io.github.flinkrnn.sequence.Prediction;
import io.github.flinkrnn.sequence.Token;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The weights are read once per JVM, are not in the job graph, and are released at the end. */
class SharedModelTest {
  @TempDir private Path directory;
  private ModelLocation location;

  @BeforeEach
  void writeModel() throws Exception {
    location = new ModelLocation(ModelDirectory.words(directory).toString());
    assertThat(SharedModel.held()).as("left by other tests").isZero();
  }

  @AfterEach
  void leavesNothing() {
    assertThat(SharedModel.held()).isZero();
  }

  @Test
  void subtasksOfAJvmShareOneInstance() throws Exception {
    RnnModel first = SharedModel.acquire(location);
    RnnModel second = SharedModel.acquire(new ModelLocation(location.uri()));
    assertThat(second).isSameAs(first);
    assertThat(SharedModel.held()).isEqualTo(1);
    SharedModel.release(location);
    assertThat(SharedModel.held()).as("one subtask is left").isEqualTo(1);
    SharedModel.release(location);
  }

  @Test
  void subtasksThatOpenAtOnceShareOneInstance() throws Exception {
    ExecutorService subtasks = Executors.newFixedThreadPool(8);
    try {
      List<Future<RnnModel>> models = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        models.add(subtasks.submit(() -> SharedModel.acquire(location)));
      }
      for (Future<RnnModel> model : models) {
        assertThat(model.get()).isSameAs(models.get(0).get());
      }
    } finally {
      subtasks.shutdownNow();
    }
    for (int i = 0; i < 8; i++) {
      assertThat(SharedModel.held()).isEqualTo(1);
      SharedModel.release(location);
    }
  }

  @Test
  void aRestartedJobReadsTheModelAnew() throws Exception {
    RnnModel before = SharedModel.acquire(location);
    SharedModel.release(location);
    RnnModel after = SharedModel.acquire(location);
    SharedModel.release(location);
    assertThat(after).isNotSameAs(before);
  }

  @Test
  void operatorsReleaseTheModel() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence = RnnFunction.of(location.uri());
    try (RnnHarness first = RnnHarness.restore(recurrence, null, 0, 2, 0);
        RnnHarness second = RnnHarness.restore(recurrence, null, 0, 2, 1);
        DecodeHarness decode = DecodeHarness.open(location)) {
      assertThat(SharedModel.held()).isEqualTo(1);
      assertThat(first.entries() + second.entries()).isZero();
      assertThat(decode.decode("{\"key\":\"k\",\"token\":\"cat\"}"))
          .extracting(Token::token)
          .containsExactly("cat");
    }
  }

  @Test
  void closingTwiceReleasesOnce() throws Exception {
    RnnModel kept = SharedModel.acquire(location);
    RnnHarness harness = RnnHarness.open(RnnFunction.of(location.uri()));
    harness.close();
    harness.close();
    assertThat(SharedModel.held()).isEqualTo(1);
    assertThat(SharedModel.acquire(location)).isSameAs(kept);
    SharedModel.release(location);
    SharedModel.release(location);
  }

  @Test
  void anOpenThatFailsHoldsNothing() throws Exception {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    for (Path missing : List.of(empty, directory.resolve("absent"))) {
      assertThatThrownBy(() -> RnnHarness.open(RnnFunction.of(missing.toString())))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(InvalidFileException.class)
          .hasMessageStartingWith(missing + ": expected one of model.safetensors, ");
      assertThatThrownBy(() -> DecodeHarness.open(new ModelLocation(missing.toString())))
          .isInstanceOf(SuppressRestartsException.class)
          .cause()
          .isInstanceOf(InvalidFileException.class)
          .hasMessageStartingWith(missing + ": expected one of model.safetensors, ");
      assertThat(SharedModel.held()).isZero();
    }
  }

  @Test
  void aMissingModelIsReadWhenItExists() throws Exception {
    Path late = Files.createDirectory(directory.resolve("late"));
    ModelLocation lateLocation = new ModelLocation(late.toString());
    assertThatThrownBy(() -> SharedModel.acquire(lateLocation))
        .isInstanceOf(InvalidFileException.class);
    RnnModel model = RnnModel.load(ModelDirectory.words(late));
    assertThat(SharedModel.acquire(lateLocation).fingerprint()).isEqualTo(model.fingerprint());
    SharedModel.release(lateLocation);
  }

  @Test
  void readsThroughFlinksFileSystemByUri() throws Exception {
    ModelLocation uri = new ModelLocation(directory.toUri().toString());
    RnnModel byUri = SharedModel.acquire(uri);
    assertThat(byUri.fingerprint()).isEqualTo(RnnModel.load(directory).fingerprint());
    assertThat(byUri.name()).isEqualTo(directory.getFileName().toString());
    SharedModel.release(uri);
  }

  /** A job graph contains the location of its model, not its weights. */
  @Test
  void theWeightsAreNotInTheJobGraph() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence =
        RnnFunction.of(location.uri())
            .withFields(OutputField.values())
            .withIdleTimeout(Duration.ofMinutes(30));
    for (Serializable function : List.of(recurrence, DecodeHarness.function(location))) {
      byte[] bytes = InstantiationUtil.serializeObject(function);
      assertThat(bytes.length).isLessThan(4096);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      assertThat(text)
          .contains(location.uri())
          .doesNotContain("io.github.flinkrnn.model.")
          .doesNotContain("io.github.flinkrnn.kernel.")
          .doesNotContain("org.ejml");
    }
  }

  @Test
  void aFunctionThatRanContainsNoWeights() throws Exception {
    RnnFunction<String, Token, Prediction> recurrence = RnnFunction.of(location.uri());
    byte[] before = InstantiationUtil.serializeObject(recurrence);
    RnnFunction<String, Token, Prediction> opened;
    try (RnnHarness harness = RnnHarness.open(recurrence)) {
      assertThat(harness.process(Token.of("k", "cat"))).hasSize(1);
      opened = harness.function();
      assertThat(InstantiationUtil.serializeObject(opened)).isEqualTo(before);
    }
  }
}
