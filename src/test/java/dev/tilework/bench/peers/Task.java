package dev.tilework.bench.peers;

import dev.tilework.bench.Layer;
import dev.tilework.bench.MemoryOperation;
import dev.tilework.bench.Pass;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is computed, in words that every library can follow; {@link Data} makes the operands. */
public sealed interface Task extends Serializable {
  /** The kind: {@code layers}, {@code products}, {@code memory} or {@code models}. */
  String group();

  /** What it is called in tables. */
  String name();

  /** The sizes in a few words. */
  String shape();

  /** Images a call. */
  int batch();

  /** What is computed of it, as a constant's name. */
  String pass();

  /** How often a network has it. */
  default int count() {
    return 1;
  }

  /** Floating-point operations of a call by the direct algorithm; 0 where memory bounds it. */
  default long flops() {
    return 0;
  }

  /** Bytes that a call must read and write; 0 where arithmetic bounds it. */
  default long bytes() {
    return 0;
  }

  /** In a line. */
  default String title() {
    return name() + ", batch " + batch() + ", " + pass().toLowerCase(Locale.ROOT);
  }

  /**
   * A convolution: x (n, h, w, c) and w (out, kernelH, kernelW, c / groups), or one of them and dy.
   */
  record Convolution(Layer layer, int batch, Pass of) implements Task {
    @Override
    public String group() {
      return "layers";
    }

    @Override
    public String name() {
      return layer.id();
    }

    @Override
    public String shape() {
      return layer.summary();
    }

    @Override
    public String pass() {
      return of.name();
    }

    @Override
    public int count() {
      return layer.count();
    }

    @Override
    public long flops() {
      return layer.geometry(batch).flops();
    }
  }

  /** y (m, n) = a (m, k) times the transposed b (n, k), as in a linear layer. */
  record Product(int m, int n, int k) implements Task {
    @Override
    public String group() {
      return "products";
    }

    @Override
    public String name() {
      return "gemm/" + m + "x" + n + "x" + k;
    }

    @Override
    public String shape() {
      return m + " by " + n + ", sums of " + k;
    }

    @Override
    public int batch() {
      return 1;
    }

    @Override
    public String pass() {
      return "PRODUCT";
    }

    @Override
    public long flops() {
      return 2L * m * n * k;
    }
  }

  /** An operation that memory bounds, on images (n, h, w, c). */
  record Memory(Kind kind, int n, int h, int w, int c) implements Task {
    /** Which one; the title is that of {@link MemoryOperation}. */
    public enum Kind {
      RELU("relu"),
      GELU("gelu"),
      ADD("add"),
      /** Over the channels. */
      SOFTMAX("softmax"),
      /** With the statistics of the batch and followed by ReLU; eps 1e-5, momentum 0.1. */
      BATCH_NORM_TRAINING("batch norm"),
      /** With given statistics and followed by ReLU; eps 1e-5. */
      BATCH_NORM_INFERENCE("batch norm inference"),
      /** Of 3x3 windows, stride 2, border 1. */
      MAX_POOL("max pool 3x3/2"),
      /** Of 3x3 windows, stride 2, border 1, which counts in the divisor. */
      AVERAGE_POOL("average pool 3x3/2"),
      /** Of all pixels. */
      GLOBAL_AVERAGE("global average");

      private final String title;

      Kind(String title) {
        this.title = title;
      }
    }

    /** The operation as this library has it. */
    MemoryOperation operation() {
      return MemoryOperation.named(kind.title, n, h, w, c);
    }

    @Override
    public String group() {
      return "memory";
    }

    @Override
    public String name() {
      return kind.title;
    }

    @Override
    public String shape() {
      return Arrays.toString(new int[] {n, h, w, c});
    }

    @Override
    public int batch() {
      return n;
    }

    @Override
    public String pass() {
      return "MEMORY";
    }

    @Override
    public long bytes() {
      return operation().bytes();
    }
  }

  /**
   * A network of {@code Models} on images of size x size: logits, or a step of stochastic gradient
   * descent with Nesterov's momentum 0.9 on the mean cross-entropy.
   */
  record Network(String model, int size, int batch, boolean training) implements Task {
    @Override
    public String group() {
      return "models";
    }

    @Override
    public String name() {
      return model;
    }

    @Override
    public String shape() {
      return size + "x" + size;
    }

    @Override
    public String pass() {
      return training ? "TRAINING" : "INFERENCE";
    }

    /** The classes of its last layer. */
    public int classes() {
      return size > 32 ? 1000 : 10;
    }
  }

  /** The memory-bound operations of images of a size. */
  static List<Task> memory(int n, int h, int w, int c) {
    return Arrays.stream(Memory.Kind.values())
        .map(kind -> (Task) new Memory(kind, n, h, w, c))
        .toList();
  }
}
