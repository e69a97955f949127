package dev.tilework.bench.peers;

import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An operation whose result is freed before the next call. */
final class ArrayCall implements Contestant.Call {
  private final Supplier<INDArray> operation;
  private final boolean channelsFirst;
  private final INDArray[] operands;
  private INDArray result;

  /** Takes over the operands. */
  ArrayCall(Supplier<INDArray> operation, boolean channelsFirst, INDArray... operands) {
    this.operation = operation;
    this.channelsFirst = channelsFirst;
    this.operands = operands;
  }

  @Override
  public void run() {
    free(result);
    result = operation.get();
  }

  @Override
  public float[] result() {
    long[] d = result.shape();
    float[] values = result.dup('c').data().asFloat();
    return channelsFirst && d.length == 4
        ? Data.nhwc(values, (int) d[0], (int) d[2], (int) d[3], (int) d[1])
        : values;
  }

  private static void free(INDArray a) {
    if (a != null && a.closeable()) {
      a.close();
    }
  }

  @Override
  public void close() {
    free(result);
    for (INDArray a : operands) {
      free(a);
    }
  }
}
