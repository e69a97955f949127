package dev.tilework.io;

import dev.tilework.DType;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Saves and loads the parameters and buffers of a model as safetensors. The weights are in this
 * library's layout, (out, kernelH, kernelW, in), which the metadata say: {@code layout} is {@code
 * nhwc}. A file that does not say so is refused, for a weight of another layout may have the same
 * shape; {@link TorchWeights} loads weights of PyTorch.
 */
public final class Weights {
  static final String LAYOUT = "layout";
  private static final String NHWC = "nhwc";

  private Weights() {}

  /**
   * How the tensors of a file and those of a model agree.
   *
   * @param loaded names whose values were taken from the file
   * @param missing names of the model that the file has not
   * @param unexpected names of the file that the model has not
   * @param mismatched names of both with different shapes or types, and how they differ
   */
  public record Report(
      List<String> loaded,
      List<String> missing,
      List<String> unexpected,
      Map<String, String> mismatched) {
    /** Whether all names, shapes and types agree. */
    public boolean isComplete() {
      return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty();
    }

    String differences() {
      StringBuilder s = new StringBuilder();
      mismatched.forEach((name, how) -> s.append("\n  mismatched ").append(name).append(how));
      missing.forEach(name -> s.append("\n  missing ").append(name));
      unexpected.forEach(name -> s.append("\n  unexpected ").append(name));
      return s.toString();
    }
  }

  /** Saves a model's state; see {@link #save(Path, Map, Map)}. */
  public static void save(Path file, Module model) throws IOException {
    save(file, model.state(), Map.of());
  }

  /**
   * Saves tensors in this library's layout; the old file, if any, is replaced only once the new one
   * is complete.
   *
   * @param metadata words about the file; {@code layout} is added
   */
  public static void save(Path file, Map<String, Tensor> state, Map<String, String> metadata)
      throws IOException {
    Safetensors.save(file, state, withLayout(metadata));
  }

  /**
   * The bytes of the file that {@link #save(Path, Map, Map)} writes, for {@link SafetensorsFile#of}
   * on another machine.
   *
   * @throws IllegalArgumentException when they are more than an array holds, 2 GiB
   */
  public static byte[] toBytes(Map<String, Tensor> state, Map<String, String> metadata) {
    return Safetensors.toBytes(state, withLayout(metadata));
  }

  private static Map<String, String> withLayout(Map<String, String> metadata) {
    Map<String, String> m = new LinkedHashMap<>(metadata);
    m.put(LAYOUT, NHWC);
    return m;
  }

  /**
   * Loads a model's state from a file with exactly its names and shapes; see {@link #load(Path,
   * Map)}.
   */
  public static void load(Path file, Module model) throws IOException {
    load(file, model.state());
  }

  /**
   * Overwrites tensors by those of a file with exactly their names, shapes and types (float16 and
   * bfloat16 widen to float32). When anything goes wrong, no tensor is changed.
   *
   * @throws FormatException when the file is not valid, or with every missing, unexpected and
   *     mismatched name
   * @throws IOException when it cannot be read
   */
  public static void load(Path file, Map<String, Tensor> state) throws IOException {
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      load(f, state);
    }
  }

  /** As above, from a file that is open or whose bytes are in memory. */
  public static void load(SafetensorsFile file, Map<String, Tensor> state) throws IOException {
    Report r = compare(file, state);
    if (!r.isComplete()) {
      throw new FormatException(file.path(), "it does not fit the model:" + r.differences());
    }
    transfer(file, state, r.loaded());
  }

  /**
   * Loads what fits a model, as for training a new last layer on the features of an old network;
   * all else keeps its values.
   *
   * @return what was loaded and what was not
   * @throws FormatException when the file is not valid; no tensor is changed then
   * @throws IOException when it cannot be read; no tensor is changed then
   */
  public static Report loadMatching(Path file, Module model) throws IOException {
    Map<String, Tensor> state = model.state();
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      Report r = compare(f, state);
      transfer(f, state, r.loaded());
      return r;
    }
  }

  private static Report compare(SafetensorsFile f, Map<String, Tensor> state)
      throws FormatException {
    String layout = f.metadata().get(LAYOUT);
    if (!NHWC.equals(layout)) {
      throw new FormatException(
          f.path(),
          "the layout of its weights is "
              + layout
              + " by its metadata, expected "
              + NHWC
              + (layout == null ? "; weights of PyTorch are loaded by TorchWeights" : ""));
    }
    List<String> loaded = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Map<String, String> mismatched = new LinkedHashMap<>();
    state.forEach(
        (name, t) -> {
          if (!f.names().contains(name)) {
            missing.add(name);
            return;
          }
          Header.Entry e = f.entry(name);
          if (e.shape().equals(t.shape()) && fits(e.type().dtype, t.dtype())) {
            loaded.add(name);
          } else {
            mismatched.put(
                name, ": " + e.type() + e.shape() + " in the file, " + t.spec() + " in the model");
          }
        });
    List<String> unexpected = f.names().stream().filter(n -> !state.containsKey(n)).toList();
    return new Report(List.copyOf(loaded), List.copyOf(missing), unexpected, mismatched);
  }

  private static boolean fits(DType stored, DType wanted) {
    boolean widens = stored != null && stored.isFloating() && wanted == DType.FLOAT32;
    return stored == wanted || widens;
  }

  /** Reads everything before it writes anything, so that a failing disk leaves the state whole. */
  private static void transfer(SafetensorsFile f, Map<String, Tensor> state, List<String> names)
      throws IOException {
    try (Scope scope = Scope.open();
        Arena arena = Arena.ofConfined()) {
      List<Runnable> writes = new ArrayList<>();
      for (String name : names) {
        Tensor target = state.get(name);
        if (f.entry(name).type().dtype == target.dtype()) {
          MemorySegment bytes = f.bytes(name, arena);
          writes.add(() -> target.write(bytes));
        } else {
          Tensor wide = f.read(name, target.device()).cast(target.dtype());
          writes.add(() -> target.set(wide));
        }
      }
      writes.forEach(Runnable::run);
    }
  }
}
