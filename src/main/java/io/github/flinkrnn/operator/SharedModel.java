package io.github.flinkrnn.operator;

import io.github.flinkrnn.model.RnnModel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading of a model for all subtasks of a JVM. Subtasks meet nowhere but in a static field; it
 * is counted: who acquires must release, and the last one out forgets the model, so that a
 * restarted job reads it anew and a job that ended leaves nothing behind.
 */
final class SharedModel {
  private static final Logger LOG = LoggerFactory.getLogger(SharedModel.class);
  private static final Map<ModelLocation, Reading> READINGS = new HashMap<>();

  private static final class Reading {
    private RnnModel model;
    private int holders;
  }

  private SharedModel() {}

  /** The model at a place; read by the first who asks, while the others wait. */
  static RnnModel acquire(ModelLocation location) throws IOException {
    synchronized (READINGS) {
      Reading reading = READINGS.get(location);
      if (reading == null) {
        reading = new Reading();
        reading.model = RnnModel.load(location.files());
        READINGS.put(location, reading);
        LOG.info("Model {}", reading.model.describe());
      }
      reading.holders++;
      return reading.model;
    }
  }

  static void release(ModelLocation location) {
    synchronized (READINGS) {
      Reading reading = READINGS.get(location);
      if (--reading.holders == 0) {
        READINGS.remove(location);
      }
    }
  }

  /** How many models this JVM holds at the moment. */
  static int held() {
    synchronized (READINGS) {
      return READINGS.size();
    }
  }
}
