package dev.tilework.bench.peers;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.bench.Pass;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** This library; its forms are the devices that {@code -Dbench.devices} names. */
final class Tilework implements Contestant {
  static final String NAME = "tilework";
  private static final long SEED = 1;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String version() {
    return devices().stream()
        .map(d -> d + ": " + Devices.named(d).description())
        .collect(Collectors.joining("; "));
  }

  private static List<String> devices() {
    return List.of(System.getProperty("bench.devices", "cpu").split(","));
  }

  @Override
  public void threads(int count) {
    // Read when the device is first used.
    System.setProperty("tilework.cpu.threads", Integer.toString(count));
  }

  @Override
  public List<String> forms(Task task) {
    return devices();
  }

  @Override
  public Call prepare(Task task, String form) {
    Device on = Devices.named(form);
    return switch (task) {
      case Task.Convolution c -> {
        ConvGeometry g = c.layer().geometry(c.batch());
        Pass pass = c.of();
        int[] first = pass.first(g).dims();
        int[] second = pass.second(g).dims();
        yield new OpCall(
            on,
            pass.op(g),
            of(on, Data.first(pass.first(g).elements()), first),
            of(on, Data.second(pass.second(g).elements()), second));
      }
      case Task.Product p ->
          new OpCall(
              on,
              new MatmulOp.Matmul(false, true, false),
              of(on, Data.first((long) p.m() * p.k()), p.m(), p.k()),
              of(on, Data.second((long) p.n() * p.k()), p.n(), p.k()));
      case Task.Memory m -> new OpCall(on, m.operation().op(), operands(on, m));
      case Task.Network n -> new TileworkNetwork(on, create(n, on), n);
    };
  }

  /** Images from seeds that follow the operand's place, numbers of channels likewise. */
  private static Tensor[] operands(Device on, Task.Memory m) {
    List<int[]> inputs = m.operation().inputs();
    Tensor[] t = new Tensor[inputs.size()];
    for (int i = 0; i < t.length; i++) {
      int[] dims = inputs.get(i);
      long count = 1;
      for (int d : dims) {
        count *= d;
      }
      t[i] = of(on, dims.length == 1 ? Data.channels(i, count) : Data.images(i, count), dims);
    }
    return t;
  }

  private static Tensor of(Device on, float[] values, int... dims) {
    return Tensor.of(on, values, dims).unscoped();
  }

  /** The network whose weights all libraries use. */
  static Module create(Task.Network task, Device on) {
    return Models.create(task.model(), task.classes(), on, SEED);
  }

  @Override
  public Call start(Task.Network network, Path folder) {
    return prepare(network, devices().getFirst());
  }

  /** An operation of the table. */
  private static final class OpCall implements Call {
    private final Device on;
    private final Op op;
    private final Tensor[] operands;
    private Tensor result;

    OpCall(Device on, Op op, Tensor... operands) {
      this.on = on;
      this.op = op;
      this.operands = operands;
    }

    @Override
    public void run() {
      if (result != null) {
        result.close();
      }
      try (Scope scope = Scope.open()) {
        result = scope.keep(on.run(op, operands).getFirst());
      }
      on.synchronize();
    }

    @Override
    public float[] result() {
      return result.toArray();
    }

    @Override
    public void close() {
      if (result != null) {
        result.close();
      }
      for (Tensor t : operands) {
        t.close();
      }
    }
  }
}
