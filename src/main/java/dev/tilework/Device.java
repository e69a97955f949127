package dev.tilework;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.TensorSpec;
import dev.tilework.kernels.Tunable;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Something that holds tensors and computes with them; see {@link Devices} for how to get one. */
public final class Device {
  private final String kind;
  private final DeviceDriver driver;
  private volatile Precision precision;

  /**
   * A device beside those that {@link Devices} finds.
   *
   * @param kind what {@link #kind} returns
   */
  public Device(String kind, DeviceDriver driver) {
    this.kind = kind;
    this.driver = driver;
    precision = driver.precisions().getFirst();
  }

  /** {@code cpu}, {@code opencl} or {@code cuda}. */
  public String kind() {
    return kind;
  }

  /** The name that {@code -Dtilework.device} takes, as in {@code cpu} or {@code cuda:0}. */
  public String name() {
    return driver.name();
  }

  /** The hardware, for people. */
  public String description() {
    return driver.description();
  }

  /** What fits the device's kernels to its hardware; empty where there is nothing to fit. */
  public Optional<Tunable> tunable() {
    return driver instanceof Tunable t ? Optional.of(t) : Optional.empty();
  }

  /**
   * The arithmetic that the device has for convolutions and matrix products, the default first:
   * TF32 on NVIDIA's GPUs, FP32 elsewhere.
   */
  public List<Precision> precisions() {
    return driver.precisions();
  }

  /** The arithmetic of convolutions and matrix products; see {@link Precision}. */
  public Precision precision() {
    return precision;
  }

  /** Sets the arithmetic of convolutions and matrix products. */
  public void precision(Precision p) {
    precision = p;
  }

  /** The bytes in use now and at most, since the start or {@link #resetPeak}. */
  public MemoryUse memory() {
    return driver.memory();
  }

  /** Sets the peak of {@link #memory} to the bytes in use now. */
  public void resetPeak() {
    driver.resetPeak();
  }

  /** Waits until all that was asked for is done. */
  public void synchronize() {
    driver.synchronize();
  }

  /**
   * Runs an operation of the table. The methods of {@link Tensor} and of {@code
   * dev.tilework.autograd.Variable} are short forms of this.
   *
   * @return the results, new tensors of the current scope
   * @throws IllegalArgumentException when the operands do not fit the operation
   * @throws IllegalStateException when an operand was closed or lives on another device
   */
  public List<Tensor> run(Op op, Tensor... inputs) {
    List<TensorSpec> results = op.outputs(check(op, inputs));
    checkUpdates(op, inputs);
    List<Tensor> outputs = new ArrayList<>(results.size());
    try {
      for (TensorSpec s : results) {
        outputs.add(allocate(op, s));
      }
      launch(op, outputs, inputs);
      return outputs;
    } catch (RuntimeException | Error e) {
      outputs.forEach(Tensor::close);
      throw e;
    }
  }

  /** Runs an operation that has one result. */
  public Tensor run1(Op op, Tensor... inputs) {
    return run(op, inputs).getFirst();
  }

  /**
   * Runs an operation that has one result and writes it into an existing tensor, which may be one
   * of the inputs where {@link Op#inPlace} says so.
   */
  public void runInto(Tensor output, Op op, Tensor... inputs) {
    List<TensorSpec> results = op.outputs(check(op, inputs));
    checkUpdates(op, inputs);
    output.requireOpen(op.name(), "the result");
    if (results.size() != 1
        || !results.getFirst().equals(output.spec())
        || output.device() != this) {
      throw new IllegalArgumentException(
          op.name()
              + ": results "
              + results
              + " on "
              + name()
              + " do not fit into "
              + output.summary());
    }
    for (Tensor in : inputs) {
      boolean same = in.storage == output.storage;
      boolean exact = in.offset == output.offset && in.spec().equals(output.spec());
      if (same && !(op.inPlace() && exact) && in.overlaps(output)) {
        throw new IllegalArgumentException(
            op.name()
                + ": the result "
                + output.summary()
                + " overlaps the operand "
                + in.summary());
      }
    }
    launch(op, List.of(output), inputs);
  }

  private List<TensorSpec> check(Op op, Tensor... inputs) {
    List<TensorSpec> specs = new ArrayList<>(inputs.length);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i].requireOpen(op.name(), "operand " + i);
      if (inputs[i].device() != this) {
        throw new IllegalStateException(
            op.name()
                + ": operand "
                + i
                + " "
                + inputs[i].summary()
                + " is not on "
                + name()
                + "; move it with to(device)");
      }
      specs.add(inputs[i].spec());
    }
    return specs;
  }

  private static void checkUpdates(Op op, Tensor... inputs) {
    for (int i : op.updates()) {
      for (int j = 0; j < inputs.length; j++) {
        if (i != j && inputs[i].overlaps(inputs[j])) {
          throw new IllegalArgumentException(
              op.name()
                  + ": operand "
                  + i
                  + " "
                  + inputs[i].summary()
                  + ", which is updated, overlaps operand "
                  + j
                  + " "
                  + inputs[j].summary());
        }
      }
    }
  }

  private void launch(Op op, List<Tensor> outputs, Tensor... inputs) {
    List<Operand> in = new ArrayList<>(inputs.length);
    for (Tensor t : inputs) {
      in.add(t.operand());
    }
    driver.run(op, outputs.stream().map(Tensor::operand).toList(), in, precision);
    for (Tensor t : outputs) {
      t.storage.buffer.written();
    }
    for (int i : op.updates()) {
      inputs[i].storage.buffer.written();
    }
    // The driver sees only buffers, which must not be given back while it works on them.
    Reference.reachabilityFence(inputs);
    Reference.reachabilityFence(outputs);
  }

  private Tensor allocate(Op op, TensorSpec result) {
    try {
      return allocate(result);
    } catch (OutOfDeviceMemoryException e) {
      throw e.during(op.name() + ": no room for its result " + result);
    } catch (DeviceException e) {
      throw e.during(op.name());
    }
  }

  Tensor allocate(TensorSpec spec) {
    Buffer buffer = driver.allocate(Math.max(1, spec.bytes()));
    return new Tensor(new Storage(this, buffer), 0, spec);
  }

  /** What fulfils the device's contract; for devices and what is built beside them. */
  public DeviceDriver driver() {
    return driver;
  }

  /** The name. */
  @Override
  public String toString() {
    return name();
  }
}
