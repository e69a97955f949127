package dev.tilework.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of a file of PyTorch, whatever its format is. */
final class TorchSources {
  private static final String COUNTER = "num_batches_tracked";
  private static final String PARALLEL = "module.";

  private TorchSources() {}

  /** A tensor of the file. */
  interface Source {
    StoredType type();

    int[] dims();

    /** Its numbers; here a damaged file is noticed at the latest. */
    TensorView view() throws FormatException;
  }

  /** The tensors by name, as the file orders them, without those that nobody needs. */
  static Map<String, Source> of(Path path, MemorySegment file, Arena arena) throws IOException {
    if (ZipIndex.isZip(file)) {
      return cleaned(of(TorchArchive.ofZip(path, file, arena)));
    }
    return cleaned(
        TorchLegacy.isLegacy(file) ? of(TorchLegacy.read(path, file)) : safetensors(path, file));
  }

  private static Map<String, Source> of(TorchArchive archive) {
    Map<String, Source> all = new LinkedHashMap<>();
    archive
        .tensors()
        .forEach(
            (name, t) ->
                all.put(
                    name,
                    new Source() {
                      @Override
                      public StoredType type() {
                        return t.storage().type();
                      }

                      @Override
                      public int[] dims() {
                        return t.dims();
                      }

                      @Override
                      public TensorView view() throws FormatException {
                        return archive.view(t);
                      }
                    }));
    return all;
  }

  private static Map<String, Source> safetensors(Path path, MemorySegment file) throws IOException {
    refuseOthers(path, file);
    Map<String, Source> all = new LinkedHashMap<>();
    try (SafetensorsFile f = SafetensorsFile.open(path)) {
      String layout = f.metadata().get(Weights.LAYOUT);
      if (layout != null) {
        throw new FormatException(
            path,
            "the layout of its weights is "
                + layout
                + " by its metadata; files of this library are loaded by Weights");
      }
      for (String name : f.names()) {
        Header.Entry e = f.entry(name);
        TensorView v =
            TensorView.contiguous(
                e.type(), e.shape().dims(), file.asSlice(f.dataStart() + e.begin(), e.bytes()));
        all.put(
            name,
            new Source() {
              @Override
              public StoredType type() {
                return e.type();
              }

              @Override
              public int[] dims() {
                return v.dims();
              }

              @Override
              public TensorView view() {
                return v;
              }
            });
      }
    }
    return all;
  }

  private static void refuseOthers(Path path, MemorySegment file) throws FormatException {
    long size = file.byteSize();
    if (size > 8 && file.get(ValueLayout.JAVA_BYTE, 8) == '{') {
      return; // The length of a safetensors header may begin with any byte.
    }
    if (size >= 262 && text(file, 257, 5).equals("ustar")) {
      throw new FormatException(
          path,
          "it is a tar file, as PyTorch before 0.1.10 wrote it; convert it in Python:"
              + " torch.save(torch.load(old, map_location='cpu'), new)");
    }
    if (size >= 2 && file.get(ValueLayout.JAVA_BYTE, 0) == (byte) 0x80) {
      throw new FormatException(
          path, "it is a pickle, but not one that torch.save wrote, or it is cut short");
    }
    if (size >= 8 && text(file, 1, 3).equals("HDF")) {
      throw new FormatException(path, "it is an HDF5 file; expected safetensors or .pth");
    }
  }

  private static String text(MemorySegment file, long at, int bytes) {
    return new String(TorchArchive.bytes(file.asSlice(at, bytes)), StandardCharsets.US_ASCII);
  }

  private static Map<String, Source> cleaned(Map<String, Source> sources) {
    boolean parallel =
        !sources.isEmpty() && sources.keySet().stream().allMatch(n -> n.startsWith(PARALLEL));
    Map<String, Source> all = new LinkedHashMap<>();
    sources.forEach(
        (name, s) -> {
          String plain = parallel ? name.substring(PARALLEL.length()) : name;
          if (!plain.equals(COUNTER) && !plain.endsWith("." + COUNTER)) {
            all.put(plain, s);
          }
        });
    return all;
  }
}
