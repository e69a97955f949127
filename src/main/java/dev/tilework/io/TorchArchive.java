package dev.tilework.io;

import dev.tilework.io.TorchGlobals.Storage;
import dev.tilework.io.TorchGlobals.TensorRef;
import dev.tilework.io.Unpickler.Dict;
import dev.tilework.io.Unpickler.Refused;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a checkpoint that {@code torch.save} wrote: the state dictionary itself, or the
 * one under {@code state_dict}, {@code model} or {@code model_state_dict}.
 */
final class TorchArchive {
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model", "net");

  /** More of it is no state dictionary: that of the largest network here has 100,000 bytes. */
  private static final long MAX_PICKLE = 64 << 20;

  /** The bytes of storages by their key. */
  interface Bytes {
    MemorySegment of(Storage storage) throws FormatException;
  }

  private final Map<String, TensorRef> tensors;
  private final Bytes bytes;
  private final Map<String, MemorySegment> known = new HashMap<>();

  private TorchArchive(Map<String, TensorRef> tensors, Bytes bytes) {
    this.tensors = tensors;
    this.bytes = bytes;
  }

  /** The tensors by name, as the dictionary orders them. */
  Map<String, TensorRef> tensors() {
    return tensors;
  }

  /** The numbers of a tensor. */
  TensorView view(TensorRef t) throws FormatException {
    MemorySegment data = known.get(t.storage().key());
    if (data == null) {
      data = bytes.of(t.storage());
      known.put(t.storage().key(), data);
    }
    StoredType type = t.storage().type();
    return new TensorView(type, t.dims(), t.strides(), data.asSlice(t.offset() * type.bytes));
  }

  /** A zip file, as PyTorch writes since 1.6. */
  static TorchArchive ofZip(Path path, MemorySegment file, Arena arena) throws FormatException {
    ZipIndex zip = ZipIndex.of(path, file);
    List<String> pickles = zip.names().stream().filter(n -> n.matches("[^/]+/data\\.pkl")).toList();
    if (pickles.size() != 1) {
      throw new FormatException(
          path, "the zip has " + pickles.size() + " entries NAME/data.pkl, expected one");
    }
    String folder = pickles.getFirst().substring(0, pickles.getFirst().lastIndexOf('/') + 1);
    if (zip.has(folder + "constants.pkl")) {
      throw new FormatException(
          path,
          "it is a TorchScript program; in Python, save its state:"
              + " torch.save(torch.jit.load(file).state_dict(), file)");
    }
    if (zip.has(folder + "byteorder")) {
      byte[] order = bytes(zip.data(folder + "byteorder", arena, 64));
      if (!new String(order, java.nio.charset.StandardCharsets.US_ASCII).equals("little")) {
        throw new FormatException(path, "its numbers are not little-endian");
      }
    }
    if (zip.bytes(pickles.getFirst()) > MAX_PICKLE) {
      throw new FormatException(
          path,
          "data.pkl has "
              + zip.bytes(pickles.getFirst())
              + " bytes; at most "
              + MAX_PICKLE
              + " are read");
    }
    MemorySegment pickle = zip.data(pickles.getFirst(), arena, MAX_PICKLE);
    TorchGlobals globals =
        new TorchGlobals(
            (key, type, elements) -> {
              String name = folder + "data/" + key;
              if (!zip.has(name)) {
                throw new Refused("there is no entry '" + name + "' for a storage");
              }
              if (zip.bytes(name) != elements * type.bytes) {
                throw new Refused(
                    "entry '"
                        + name
                        + "' has "
                        + zip.bytes(name)
                        + " bytes, expected "
                        + elements
                        + " elements of type "
                        + type);
              }
              return new Storage(key, type, elements);
            });
    try {
      Object top = Unpickler.read(pickle.asByteBuffer(), globals);
      return new TorchArchive(
          stateDict(top), s -> zip.data(folder + "data/" + s.key(), arena, ZipIndex.MAX_INFLATED));
    } catch (Refused e) {
      throw new FormatException(path, e.getMessage(), e);
    }
  }

  static byte[] bytes(MemorySegment s) {
    return s.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  /** Finds the dictionary of tensors. */
  static Map<String, TensorRef> stateDict(Object top) throws Refused {
    if (top instanceof Dict d) {
      Dict found = d;
      for (int depth = 0; depth < 3; depth++) {
        Map<String, TensorRef> tensors = new LinkedHashMap<>();
        found.entries.forEach(
            (key, value) -> {
              if (key instanceof String name && value instanceof TensorRef t) {
                tensors.put(name, t);
              }
            });
        if (!tensors.isEmpty()) {
          return tensors;
        }
        Dict inner = inner(found);
        if (inner == null) {
          break;
        }
        found = inner;
      }
    }
    throw new Refused(
        "it holds no dictionary of tensors, neither itself nor under one of " + WRAPPERS);
  }

  private static Dict inner(Dict d) {
    for (String key : WRAPPERS) {
      if (d.entries.get(key) instanceof Dict inner) {
        return inner;
      }
    }
    return null;
  }

  static TorchArchive of(Map<String, TensorRef> tensors, Bytes bytes) {
    return new TorchArchive(tensors, bytes);
  }
}
