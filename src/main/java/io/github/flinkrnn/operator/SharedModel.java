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
 * Shares one loaded model among all subtasks in a JVM. The map is static because subtasks share
 * nothing else. Models are reference-counted: each {@link #acquire} needs a {@link
 * #release(ModelLocation)}, and the last release closes the model. A restarted job therefore reads
 * its model again, and a finished job leaves nothing behind.
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
   * Returns the model at a location. The first caller reads it and the others wait. No caller waits
   * while holding the lock, so a slow file system does not delay other models, and a cancelled task
   * can stop waiting.
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
        throw wrong; // an InvalidFileException, with a complete message
      }
      throw new IOException("cannot read the model at " + location.uri(), e.getCause());
    } finally {
      if (!held) {
        release(location, reading);
      }
    }
  }

  /**
   * The exception to throw when the model cannot be read or does not support its job. At the first
   * start of a job, it tells Flink not to restart: a restart would fail in the same way. A job that
   * has already run had a valid model, so a temporary failure of the file system must not end it.
   *
   * @param restored whether the job resumes from a checkpoint or a savepoint
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

  /** Releases a model that {@link #acquire} returned. */
  public static void release(ModelLocation location) {
    Reading reading;
    synchronized (READINGS) {
      reading = READINGS.get(location);
    }
    release(location, reading);
  }

  // All callers that waited for a failed read release it. A later read may have replaced it.
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

  /** The number of models that this JVM holds. */
  static int held() {
    synchronized (READINGS) {
      return READINGS.size();
    }
  }
}
