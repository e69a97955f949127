package dev.tilework.io;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.io.TorchSources.Source;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * Weights of PyTorch, in safetensors or in what {@code torch.save} writes ({@code .pth}), loaded by
 * their own names into a model of this library. On the way
 *
 * <ul>
 *   <li>weights of convolutions move from (out, in, rows, columns) to (out, rows, columns, in),
 *   <li>the inputs of a {@link Linear#ofImage linear layer behind a flattened image} move from the
 *       order channels, rows, columns to rows, columns, channels,
 *   <li>float16 and bfloat16 widen to float32, and float64 is rounded to it,
 *   <li>{@code num_batches_tracked} is passed over, and a {@code module.} before every name.
 * </ul>
 *
 * <p>A {@code .pth} file is a program for Python. It is read by an interpreter that makes tensors
 * and nothing else; a file that asks for anything more is refused, and nothing of it is run.
 *
 * <pre>{@code
 * Module net = Models.create("resnet50", 1000, device, 0);
 * TorchWeights.load(Path.of("resnet50.pth"), net);
 * }</pre>
 */
public final class TorchWeights implements AutoCloseable {
  private final Path path;
  private final Arena arena;
  private final Map<String, Source> sources;

  private TorchWeights(Path path, Arena arena, Map<String, Source> sources) {
    this.path = path;
    this.arena = arena;
    this.sources = sources;
  }

  /**
   * Opens a file and checks its structure.
   *
   * @throws FormatException when it is neither safetensors nor a state dictionary of PyTorch, is
   *     damaged, or asks for more than tensors
   * @throws IOException when it cannot be read
   */
  public static TorchWeights open(Path path) throws IOException {
    Safetensors.requireLittleEndian();
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path)) {
      MemorySegment file =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena).asReadOnly();
      return new TorchWeights(path, arena, TorchSources.of(path, file, arena));
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** The names of the tensors, in the file's order, without {@code num_batches_tracked}. */
  public Set<String> names() {
    return Collections.unmodifiableSet(sources.keySet());
  }

  /** The extents of a tensor as they are in the file, such as (out, in, rows, columns). */
  public Shape shape(String name) {
    return Shape.of(source(name).dims());
  }

  /**
   * The same file under other names, for a model whose parts are named otherwise; closing either
   * closes both.
   *
   * @param prefixes from the beginning of a name, up to a dot or its end, to what stands there
   *     instead
   */
  public TorchWeights renamed(Map<String, String> prefixes) {
    Map<String, Source> all = new LinkedHashMap<>();
    sources.forEach(
        (name, s) -> {
          String to = name;
          for (Map.Entry<String, String> p : prefixes.entrySet()) {
            if (isWithin(name, p.getKey())) {
              to = p.getValue() + name.substring(p.getKey().length());
            }
          }
          if (all.put(to, s) != null) {
            throw new IllegalArgumentException(path + ": two tensors would be named '" + to + "'");
          }
        });
    return new TorchWeights(path, arena, all);
  }

  /**
   * A tensor as float32, in the file's own layout.
   *
   * @throws FormatException when it does not consist of floating numbers, or is damaged
   */
  public Tensor read(String name, Device device) throws IOException {
    Source s = source(name);
    if (!isFloating(s.type())) {
      throw new FormatException(path, name, "elements of type " + s.type() + " are no floats");
    }
    try (Arena memory = Arena.ofConfined()) {
      return Tensor.from(device, floats(s.view(), memory), DType.FLOAT32, s.dims());
    }
  }

  /** Loads a file into a model; see {@link #load(Module, String...)}. */
  public static Weights.Report load(Path file, Module model, String... leftOut) throws IOException {
    try (TorchWeights w = open(file)) {
      return w.load(model, leftOut);
    }
  }

  /**
   * Overwrites a model's values by the file's. When anything goes wrong, none is changed.
   *
   * @param model with its values made
   * @param leftOut names of parts or tensors that keep their values and may be missing or differ,
   *     such as {@code fc} for a last layer with other classes
   * @return what was loaded
   * @throws FormatException with every missing, unexpected and mismatched name
   * @throws IOException when the file cannot be read
   */
  public Weights.Report load(Module model, String... leftOut) throws IOException {
    Map<String, TensorView> views = new LinkedHashMap<>();
    Weights.Report r = compare(model, List.of(leftOut), views);
    if (!r.isComplete()) {
      throw new FormatException(path, "it does not fit the model:" + r.differences());
    }
    write(views, model.state());
    return r;
  }

  /**
   * Overwrites those of a model's values that the file has in a fitting shape; all else keeps its
   * values.
   *
   * @return what was loaded and what was not
   * @throws IOException when the file cannot be read or is damaged; nothing is changed then
   */
  public Weights.Report loadMatching(Module model) throws IOException {
    Map<String, TensorView> views = new LinkedHashMap<>();
    Weights.Report r = compare(model, List.of(), views);
    write(views, model.state());
    return r;
  }

  private Weights.Report compare(Module model, List<String> leftOut, Map<String, TensorView> views)
      throws IOException {
    Map<String, Linear> linears = linears(model);
    List<String> missing = new ArrayList<>();
    Map<String, String> mismatched = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> e : model.state().entrySet()) {
      String name = e.getKey();
      if (isLeftOut(name, leftOut)) {
        continue;
      }
      Source s = sources.get(name);
      if (s == null) {
        missing.add(name);
        continue;
      }
      TensorView plan =
          TorchLayout.arrange(
              TensorView.contiguous(s.type(), s.dims(), MemorySegment.NULL),
              e.getValue(),
              linears.get(name));
      if (plan == null) {
        mismatched.put(
            name,
            ": "
                + s.type()
                + Arrays.toString(s.dims())
                + " in the file, "
                + e.getValue().spec()
                + " in the model");
      } else {
        views.put(name, TorchLayout.arrange(s.view(), e.getValue(), linears.get(name)));
      }
    }
    List<String> unexpected = new ArrayList<>(sources.keySet());
    unexpected.removeIf(n -> isLeftOut(n, leftOut) || model.shapes().containsKey(n));
    return new Weights.Report(
        List.copyOf(views.keySet()), List.copyOf(missing), List.copyOf(unexpected), mismatched);
  }

  private static Map<String, Linear> linears(Module model) {
    Map<String, Linear> all = new LinkedHashMap<>();
    model
        .modules()
        .forEach(
            (name, m) -> {
              if (m instanceof Linear l) {
                all.put(name.isEmpty() ? "weight" : name + ".weight", l);
              }
            });
    return all;
  }

  private static void write(Map<String, TensorView> views, Map<String, Tensor> state) {
    views.forEach(
        (name, v) -> {
          try (Arena memory = Arena.ofConfined()) {
            state.get(name).write(floats(v, memory));
          }
        });
  }

  private static MemorySegment floats(TensorView v, Arena memory) {
    long n = Shape.of(v.dims()).elements();
    MemorySegment out = memory.allocate(ValueLayout.JAVA_FLOAT, n);
    v.copyTo(out);
    return out;
  }

  static boolean isFloating(StoredType type) {
    return type.dtype != null ? type.dtype.isFloating() : type == StoredType.F64;
  }

  private static boolean isLeftOut(String name, List<String> leftOut) {
    return leftOut.stream().anyMatch(p -> isWithin(name, p));
  }

  private static boolean isWithin(String name, String prefix) {
    return name.startsWith(prefix)
        && (name.length() == prefix.length() || name.charAt(prefix.length()) == '.');
  }

  private Source source(String name) {
    Source s = sources.get(name);
    if (s == null) {
      throw new NoSuchElementException(path + ": there is no tensor '" + name + "'");
    }
    return s;
  }

  /** Lets go of the file. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
