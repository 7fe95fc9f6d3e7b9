package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.slf4j.MDC;

/**
 * Sets the logging context (MDC) of a task thread. A layout can print {@code %X{job}}, the name of
 * the job, and {@code %X{model}}, the name and version of the model, on each line.
 */
@Internal
public final class LogContext {
  private static final String JOB = "job";
  private static final String MODEL = "model";

  private LogContext() {}

  /** Sets the context of this thread, which must be a task thread. */
  public static void set(RuntimeContext context, RnnModel model) {
    MDC.put(JOB, context.getJobInfo().getJobName());
    MDC.put(MODEL, model.name() + "@" + model.version());
  }

  /** Clears the context of this thread. */
  public static void clear() {
    MDC.remove(JOB);
    MDC.remove(MODEL);
  }
}
