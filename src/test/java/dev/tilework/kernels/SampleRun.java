package dev.tilework.kernels;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs a sample on a device in every way that the contract allows, and notes what is wrong. */
final class SampleRun {
  private final Device device;
  private final Sample sample;
  private final List<HostTensor> inputs;
  private final List<HostTensor> updated;
  private final List<HostTensor> expected;
  private final List<TensorSpec> results;
  private final Tolerance tolerance;
  private final long terms;
  private final List<String> problems = new ArrayList<>();

  private SampleRun(Device device, Sample sample) {
    this.device = device;
    this.sample = sample;
    inputs = sample.inputs();
    updated = inputs.stream().map(HostTensor::copy).toList();
    expected = Reference.run(sample.op(), updated);
    results = sample.op().outputs(sample.specs());
    tolerance = Tolerance.of(sample, device.precision());
    terms = Tolerance.terms(sample.op(), sample.specs(), results);
  }

  /** What is wrong with the device's results; empty where nothing is. */
  static List<String> problems(Device device, Sample sample) {
    SampleRun run = new SampleRun(device, sample);
    try (Scope scope = Scope.open()) {
      run.guarded();
      if (sample.op().inPlace()) {
        run.inPlace();
      }
    } catch (RuntimeException | Error e) {
      run.problems.add("threw " + e);
      if (e instanceof Error || e.getStackTrace().length > 0) {
        run.problems.add("  at " + e.getStackTrace()[0]);
      }
    }
    return run.problems.stream().map(p -> sample + "\n    " + p).toList();
  }

  private void guarded() {
    int before = (int) (sample.seed() % 4);
    List<Guarded> in = new ArrayList<>();
    for (HostTensor t : inputs) {
      // A quarter of the samples has all tensors aligned, as a network's are, and a quarter only
      // its
      // operands; else they lie at addresses that no vector is aligned to.
      in.add(new Guarded(device, t, before % 3 == 0 ? 0 : before + in.size()));
    }
    List<Guarded> out = new ArrayList<>();
    for (TensorSpec s : results) {
      out.add(new Guarded(device, s, before));
    }
    List<byte[]> first = launch(in, out);
    for (int i = 0; i < results.size(); i++) {
      compare("result " + i, expected.get(i), first.get(i));
    }
    checkInputs(in);
    for (int i = 0; i < in.size(); i++) {
      require(in.get(i).intact(), "memory beside operand " + i + " was written");
      in.get(i).view.write(inputs.get(i).encode());
    }
    List<byte[]> second = launch(in, out);
    for (int i = 0; i < first.size(); i++) {
      require(
          Arrays.equals(first.get(i), second.get(i)), "result " + i + " differs between two runs");
    }
    for (Guarded g : out) {
      require(g.intact(), "memory beside a result was written");
    }
  }

  /** Runs, and gives the bytes of the results, and of the updated operands after them. */
  private List<byte[]> launch(List<Guarded> in, List<Guarded> out) {
    Tensor[] operands = in.stream().map(g -> g.view).toArray(Tensor[]::new);
    List<byte[]> bytes = new ArrayList<>();
    if (results.size() == 1) {
      out.getFirst().poison();
      device.runInto(out.getFirst().view, sample.op(), operands);
      bytes.add(out.getFirst().bytes());
    } else {
      soilFreeMemory();
      for (Tensor t : device.run(sample.op(), operands)) {
        bytes.add(Guarded.bytes(t));
        t.close();
      }
    }
    for (int i : sample.op().updates()) {
      bytes.add(in.get(i).bytes());
    }
    return bytes;
  }

  /** Leaves the pattern in the memory that a pool is likely to hand out next. */
  private void soilFreeMemory() {
    List<Tensor> soiled = new ArrayList<>();
    for (TensorSpec s : results) {
      byte[] p = Guarded.pattern(s.dtype(), Math.toIntExact(s.shape().elements()));
      soiled.add(Tensor.from(device, MemorySegment.ofArray(p), s.dtype(), s.shape().dims()));
    }
    soiled.forEach(Tensor::close);
  }

  private void checkInputs(List<Guarded> in) {
    for (int i = 0; i < in.size(); i++) {
      if (sample.op().updates().contains(i)) {
        compare("updated operand " + i, updated.get(i), in.get(i).bytes());
      } else {
        byte[] before = inputs.get(i).encode().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        require(Arrays.equals(before, in.get(i).bytes()), "operand " + i + " was changed");
      }
    }
  }

  private void inPlace() {
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).spec().equals(results.getFirst())) {
        Tensor[] operands = inputs.stream().map(t -> t.to(device)).toArray(Tensor[]::new);
        device.runInto(operands[i], sample.op(), operands);
        compare("result over operand " + i, expected.getFirst(), Guarded.bytes(operands[i]));
      }
    }
  }

  private void compare(String what, HostTensor wanted, byte[] got) {
    HostTensor g = HostTensor.decode(wanted.spec(), MemorySegment.ofArray(got));
    String difference = Comparison.difference(what, wanted, g, tolerance, terms);
    require(difference == null, difference);
  }

  private void require(boolean condition, String problem) {
    if (!condition) {
      problems.add(problem);
    }
  }
}
