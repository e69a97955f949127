package dev.tilework.bench.peers;

import dev.tilework.bench.Pass;
import java.util.List;

/** A library that can do some of the tasks, some of them wrongly. */
public final class OddPeer implements Contestant {
  static final String NAME = "odd";
  static final String VERSION = "1.5";
  private static final String WRONG = "wrong";

  private final Contestant right = new Tilework();

  /** Made by the service loader. */
  public OddPeer() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return VERSION;
  }

  @Override
  public void threads(int count) {
    right.threads(count);
  }

  @Override
  public List<String> forms(Task task) {
    return switch (task) {
      case Task.Product p -> List.of("plain", WRONG);
      case Task.Convolution c when c.of() == Pass.FORWARD -> List.of();
      default -> List.of("plain");
    };
  }

  @Override
  public Call prepare(Task task, String form) {
    if (task instanceof Task.Memory m && m.kind() == Task.Memory.Kind.RELU) {
      throw new IllegalStateException("not today\nnor tomorrow");
    }
    if (task instanceof Task.Memory m && m.kind() == Task.Memory.Kind.SOFTMAX) {
      Runtime.getRuntime().halt(3);
    }
    if (task instanceof Task.Convolution) {
      throw new UnsupportedOperationException("no gradients");
    }
    Call call = right.prepare(task, "cpu");
    return form.equals(WRONG) ? new WrongCall(call) : call;
  }

  private record WrongCall(Call right) implements Call {
    @Override
    public void run() {
      right.run();
    }

    @Override
    public float[] result() {
      float[] values = right.result();
      values[3] += 1;
      return values;
    }

    @Override
    public void close() {
      right.close();
    }
  }
}
