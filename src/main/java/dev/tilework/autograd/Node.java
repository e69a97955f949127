package dev.tilework.autograd;

import dev.tilework.Device;
import dev.tilework.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** One recorded operation: what it read and made, and how to turn gradients back. */
final class Node {
  /** Gives the gradient to each input, null where there is none or none is wanted. */
  interface Rule {
    Tensor[] gradients(Node node, Tensor dy);
  }

  private static final AtomicLong SEQUENCE = new AtomicLong();

  final String operation;
  final long sequence = SEQUENCE.getAndIncrement();
  final Variable[] inputs;
  private final Rule rule;
  private final List<Tensor> outputs;
  private final long[] inputVersions;
  private final long[] outputVersions;
  private boolean used;

  /** The gradient that has arrived so far for output 0. */
  Tensor pending;

  Node(String operation, Rule rule, Variable[] inputs, List<Tensor> outputs) {
    this.operation = operation;
    this.rule = rule;
    this.inputs = inputs;
    this.outputs = outputs;
    this.inputVersions = new long[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      inputVersions[i] = inputs[i].value().version();
    }
    this.outputVersions = outputs.stream().mapToLong(Tensor::version).toArray();
  }

  Device device() {
    return outputs.getFirst().device();
  }

  boolean wants(int input) {
    return inputs[input].requiresGrad();
  }

  /** The value an input had in the forward pass. */
  Tensor input(int i) {
    return unchanged(inputs[i].value(), inputVersions[i], "operand " + i);
  }

  /** The value an output had in the forward pass. */
  Tensor output(int i) {
    return unchanged(outputs.get(i), outputVersions[i], "result " + i);
  }

  private Tensor unchanged(Tensor t, long version, String role) {
    if (t.isClosed()) {
      throw new IllegalStateException(
          "backward of "
              + operation
              + ": "
              + role
              + " "
              + t.summary()
              + " was closed since the forward pass; keep its scope open until backward is done");
    }
    if (t.version() != version) {
      throw new IllegalStateException(
          "backward of "
              + operation
              + ": "
              + role
              + " "
              + t.summary()
              + " was changed in place since the forward pass (version "
              + t.version()
              + ", expected "
              + version
              + ")");
    }
    return t;
  }

  Tensor[] backward() {
    if (used) {
      throw new IllegalStateException(
          "backward of "
              + operation
              + ": it was run before and its intermediate results are freed;"
              + " run the forward pass again");
    }
    used = true;
    return rule.gradients(this, pending);
  }

  /** Frees the gradient and what the operation kept only for its gradient. */
  void release() {
    if (pending != null) {
      pending.close();
      pending = null;
    }
    if (used) {
      outputs.stream().skip(1).forEach(Tensor::close);
    }
  }
}
