package io.github.flinkrnn.network;

import ai.onnxruntime.OrtException;
import java.util.Arrays;

/** A step with ONNX Runtime. */
public final class OnnxStep implements Step {
  private final OnnxSession session;
  private final int nA;
  private float[] h;
  private float[] c;

  public OnnxStep(OnnxSession session, NetworkSize size) {
    this.session = session;
    this.nA = size.hidden();
    this.h = new float[size.layers() * nA];
    this.c = new float[size.layers() * nA];
  }

  @Override
  public float[] step(float[] features) {
    try {
      OnnxSession.Result result = session.run(features, h, c);
      h = result.h();
      c = result.c();
      return result.y();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public float[] hidden() {
    return Arrays.copyOfRange(h, h.length - nA, h.length);
  }
}
