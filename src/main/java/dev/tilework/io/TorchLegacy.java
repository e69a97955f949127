package dev.tilework.io;

import dev.tilework.io.TorchGlobals.Storage;
import dev.tilework.io.TorchGlobals.TensorRef;
import dev.tilework.io.Unpickler.Dict;
import dev.tilework.io.Unpickler.Refused;
import dev.tilework.io.Unpickler.Tuple;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The format of {@code torch.save} from PyTorch 0.1.10 to 1.5, in which many published weights are:
 * five pickles (a number that tells the format, its version, the machine's properties, the object,
 * the keys of the storages), then for each storage the number of its elements and its bytes
 * (PyTorch, {@code _legacy_save} in {@code torch/serialization.py}).
 */
final class TorchLegacy {
  /** Protocol 2 and the integer 0x1950a86a20f9469cfc6c. */
  private static final byte[] MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

  private static final long VERSION = 1001;

  /** Pickles stand at the beginning; what follows may be larger than a buffer. */
  private static final long MAX_PICKLES = 64 << 20;

  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TorchLegacy() {}

  static boolean isLegacy(MemorySegment file) {
    return file.byteSize() >= MAGIC.length
        && file.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) == -1;
  }

  static TorchArchive read(Path path, MemorySegment file) throws FormatException {
    try {
      return read(file);
    } catch (Refused e) {
      throw new FormatException(path, e.getMessage(), e);
    }
  }

  private static TorchArchive read(MemorySegment file) throws Refused {
    ByteBuffer in = file.asSlice(0, Math.min(file.byteSize(), MAX_PICKLES)).asByteBuffer();
    in.position(MAGIC.length);
    Map<String, Storage> storages = new LinkedHashMap<>();
    TorchGlobals globals =
        new TorchGlobals(
            (key, type, elements) -> {
              Storage s = new Storage(key, type, elements);
              Storage before = storages.putIfAbsent(key, s);
              if (before != null && !before.equals(s)) {
                throw new Refused("storage '" + key + "' has two types or sizes");
              }
              return s;
            });
    if (!Long.valueOf(VERSION).equals(Unpickler.read(in, globals))) {
      throw new Refused("its version is not " + VERSION);
    }
    if (!(Unpickler.read(in, globals) instanceof Dict machine)
        || !Boolean.TRUE.equals(machine.entries.get("little_endian"))) {
      throw new Refused("its numbers are not little-endian");
    }
    Map<String, TensorRef> tensors = TorchArchive.stateDict(Unpickler.read(in, globals));
    Object keys = Unpickler.read(in, globals);
    Map<String, MemorySegment> bytes = new HashMap<>();
    long at = in.position();
    for (Object key :
        keys instanceof List<?> l ? l : keys instanceof Tuple t ? t.items : List.of()) {
      Storage s = key instanceof String name ? storages.get(name) : null;
      if (s == null) {
        throw new Refused("it lists a storage that no tensor uses");
      }
      if (at > file.byteSize() - 8) {
        throw new Refused("the file is cut short before storage '" + s.key() + "'");
      }
      long elements = file.get(I64, at);
      long size = s.elements() * s.type().bytes;
      if (elements != s.elements() || size > file.byteSize() - 8 - at) {
        throw new Refused(
            "storage '"
                + s.key()
                + "' of "
                + elements
                + " elements at byte "
                + at
                + " is cut short, or does not have "
                + s.elements());
      }
      if (bytes.put(s.key(), file.asSlice(at + 8, size)) != null) {
        throw new Refused("it lists storage '" + s.key() + "' twice");
      }
      at += 8 + size;
    }
    if (!bytes.keySet().containsAll(storages.keySet())) {
      throw new Refused("storages of its tensors are missing");
    }
    return TorchArchive.of(tensors, s -> bytes.get(s.key()));
  }
}
