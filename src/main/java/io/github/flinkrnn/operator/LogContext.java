package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.slf4j.MDC;

/**
 * Whose log lines these are: a layout may print {@code %X{job}}, the job's name, and {@code
 * %X{model}}, the model's name and version, on every line of a task's thread.
 */
@Internal
public final class LogContext {
  private static final String JOB = "job";
  private static final String MODEL = "model";

  private LogContext() {}

  /** Marks this thread, a task's own. */
  public static void set(RuntimeContext context, RnnModel model) {
    MDC.put(JOB, context.getJobInfo().getJobName());
    MDC.put(MODEL, model.name() + "@" + model.version());
  }

  /** Marks this thread no more. */
  public static void clear() {
    MDC.remove(JOB);
    MDC.remove(MODEL);
  }
}
