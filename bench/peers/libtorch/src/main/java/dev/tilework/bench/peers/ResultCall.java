package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;

/** An operation whose result is freed before the next call, as memory is in a loop. */
final class ResultCall implements Contestant.Call {
  private final NDManager manager;
  private final Supplier<NDArray> operation;
  private NDArray result;

  /** Takes over the manager of the operands. */
  ResultCall(NDManager manager, Supplier<NDArray> operation) {
    this.manager = manager;
    this.operation = operation;
  }

  @Override
  public void run() {
    if (result != null) {
      result.close();
    }
    result = operation.get();
  }

  @Override
  public float[] result() {
    return Format.values(result);
  }

  @Override
  public void close() {
    manager.close();
  }
}
