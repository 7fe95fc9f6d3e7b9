package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of a model for all subtasks of a JVM. Subtasks meet nowhere but in a static field; it
 * is counted: who acquires must release, and the last one out closes the model, so that a restarted
 * job reads it anew and a job that ended leaves nothing behind.
 */
@Internal
public final class SharedModel {
  private static final Logger LOG = LoggerFactory.getLogger(SharedModel.class);
  private static final Map<ModelLocation, Reading> READINGS = new HashMap<>();

  private static final class Reading {
    private final CompletableFuture<RnnModel> model = new CompletableFuture<>();
    private int holders;
  }

  private SharedModel() {}

  /**
   * The model at a place; the first who asks reads it, the others wait. Nobody waits under the
   * lock, so a slow file system holds up no other model, and a cancelled task can stop waiting.
   */
  public static RnnModel acquire(ModelLocation location) throws IOException, InterruptedException {
    Reading reading;
    boolean first;
    synchronized (READINGS) {
      reading = READINGS.computeIfAbsent(location, l -> new Reading());
      first = reading.holders++ == 0;
    }
    boolean held = false;
    try {
      if (first) {
        read(location, reading.model);
      }
      RnnModel model = reading.model.get();
      held = true;
      return model;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException wrong) {
        throw wrong; // an InvalidFileException, whose line says it all
      }
      throw new IOException("cannot read the model at " + location.uri(), e.getCause());
    } finally {
      if (!held) {
        release(location, reading);
      }
    }
  }

  /**
   * What to throw when the model cannot be read, or cannot serve its job. At a job's first start
   * Flink is not to try again: it would find the same. A job that has run has had its model: a file
   * system that is away for a while must not end it.
   *
   * @param restored whether the job goes on from a checkpoint or a savepoint
   */
  public static Exception failure(
      RuntimeException problem, RuntimeContext context, boolean restored) {
    boolean hasRun = restored || context.getTaskInfo().getAttemptNumber() > 0;
    return hasRun ? problem : new SuppressRestartsException(problem);
  }

  private static void read(ModelLocation location, CompletableFuture<RnnModel> model) {
    try {
      RnnModel read = RnnModel.load(location.files());
      LOG.info("Model {}", read.describe());
      model.complete(read);
    } catch (IOException | RuntimeException | Error e) {
      model.completeExceptionally(e);
    }
  }

  /** Gives a model back that {@link #acquire} gave. */
  public static void release(ModelLocation location) {
    Reading reading;
    synchronized (READINGS) {
      reading = READINGS.get(location);
    }
    release(location, reading);
  }

  // A reading that failed is left by all who waited for it; a later one may stand in its place.
  private static void release(ModelLocation location, Reading reading) {
    boolean last;
    synchronized (READINGS) {
      last = --reading.holders == 0;
      if (last) {
        READINGS.remove(location, reading);
      }
    }
    if (last && !reading.model.isCompletedExceptionally()) {
      reading.model.join().close();
    }
  }

  /** How many models this JVM holds at the moment. */
  static int held() {
    synchronized (READINGS) {
      return READINGS.size();
    }
  }
}
