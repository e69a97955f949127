package dev.tilework.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/** A session run again and again on the same inputs. */
final class SessionCall implements Contestant.Call {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;
  private OrtSession.Result result;

  /** Takes over both. */
  SessionCall(OrtSession session, Map<String, OnnxTensor> inputs) {
    this.session = session;
    this.inputs = inputs;
  }

  /** Images of this library's layout, channels first. */
  static OnnxTensor images(float[] nhwc, int n, int h, int w, int c) throws OrtException {
    return of(Data.nchw(nhwc, n, h, w, c), n, c, h, w);
  }

  /** A tensor in memory that ONNX Runtime reads in place. */
  static OnnxTensor of(float[] values, long... dims) throws OrtException {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(4 * values.length)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer()
            .put(values)
            .flip();
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, dims);
  }

  @Override
  public void run() {
    if (result != null) {
      result.close();
    }
    try {
      result = session.run(inputs);
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @Override
  public float[] result() {
    OnnxTensor z = (OnnxTensor) result.get(0);
    FloatBuffer buffer = z.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    long[] dims = z.getInfo().getShape();
    return dims.length == 4
        ? Data.nhwc(values, (int) dims[0], (int) dims[2], (int) dims[3], (int) dims[1])
        : values;
  }

  @Override
  public void close() {
    if (result != null) {
      result.close();
    }
    inputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
