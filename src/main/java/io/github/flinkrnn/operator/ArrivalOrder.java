package io.github.flinkrnn.operator;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/**
 * Emits what tokens and timers cause in the order of their arrival. They are numbered from 0. If
 * those before one are not finished, because they wait for a later batch, what it causes is held.
 */
final class ArrivalOrder<OUT> implements Output<StreamRecord<OUT>> {
  private static final class Held {
    final List<Runnable> emissions = new ArrayList<>(1);
    boolean isFinished;
  }

  private final Output<StreamRecord<OUT>> next;
  private final Held[] held; // by the low bits of the number; null until it is needed
  private int waiting; // how many have held something, or are finished
  private long oldest; // the first one that is not finished
  private long current; // which one causes what is emitted

  /**
   * @param next where to emit
   * @param capacity the most arrivals from the first unfinished one on; a power of two
   */
  ArrivalOrder(Output<StreamRecord<OUT>> next, int capacity) {
    this.next = next;
    held = new Held[capacity];
  }

  /** Whether the first unfinished arrival must be finished before this one arrives. */
  boolean isFull(long number) {
    return number - oldest >= held.length;
  }

  /** What is emitted from now on is caused by this arrival. */
  void begin(long number) {
    current = number;
    if (number == oldest && waiting > 0) {
      release();
    }
  }

  /** The current arrival causes nothing more. */
  void finish() {
    if (current == oldest) {
      oldest++;
      while (waiting > 0 && release()) {
        oldest++;
      }
    } else {
      held().isFinished = true;
    }
    current = oldest; // nothing is held between finish and begin
  }

  /** Emits what the first unfinished arrival caused. Returns whether it is finished by now. */
  private boolean release() {
    Held of = held[slot(oldest)];
    if (of == null) {
      return false;
    }
    held[slot(oldest)] = null;
    waiting--;
    of.emissions.forEach(Runnable::run);
    return of.isFinished;
  }

  private int slot(long number) {
    return (int) number & held.length - 1;
  }

  private Held held() {
    int slot = slot(current);
    if (held[slot] == null) {
      held[slot] = new Held();
      waiting++;
    }
    return held[slot];
  }

  @Override
  public void collect(StreamRecord<OUT> record) {
    if (current == oldest) {
      next.collect(record);
    } else {
      StreamRecord<OUT> copy = record.copy(record.getValue()); // the collector reuses the record
      held().emissions.add(() -> next.collect(copy));
    }
  }

  @Override
  public <X> void collect(OutputTag<X> tag, StreamRecord<X> record) {
    if (current == oldest) {
      next.collect(tag, record);
    } else {
      StreamRecord<X> copy = record.copy(record.getValue());
      held().emissions.add(() -> next.collect(tag, copy));
    }
  }

  @Override
  public void emitWatermark(Watermark watermark) {
    next.emitWatermark(watermark);
  }

  @Override
  public void emitWatermark(WatermarkEvent watermark) {
    next.emitWatermark(watermark);
  }

  @Override
  public void emitWatermarkStatus(WatermarkStatus status) {
    next.emitWatermarkStatus(status);
  }

  @Override
  public void emitLatencyMarker(LatencyMarker marker) {
    next.emitLatencyMarker(marker);
  }

  @Override
  public void emitRecordAttributes(RecordAttributes attributes) {
    next.emitRecordAttributes(attributes);
  }

  @Override
  public void close() {
    next.close();
  }
}
