package dev.tilework.io;

import dev.tilework.io.Unpickler.Dict;
import dev.tilework.io.Unpickler.Refused;
import dev.tilework.io.Unpickler.Tuple;
import java.util.List;
import java.util.Map;

/**
 * The names that a pickled state dictionary of PyTorch may use: ordered dictionaries, storages, and
 * the functions that make tensors of them (PyTorch, {@code torch/_utils.py}).
 */
final class TorchGlobals implements Unpickler.Globals {
  /** Gives the storage of a persistent id's key. */
  interface Storages {
    Storage storage(String key, StoredType type, long elements) throws Refused;
  }

  /**
   * A row of numbers that tensors are views of.
   *
   * @param key by which the file finds its bytes
   * @param elements how many
   */
  record Storage(String key, StoredType type, long elements) {}

  /** A tensor: a view of a storage that was checked to lie within it. */
  record TensorRef(Storage storage, long offset, int[] dims, long[] strides) {}

  private enum Function {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_PARAMETER
  }

  private static final Map<String, StoredType> TYPES =
      Map.of(
          "FloatStorage", StoredType.F32,
          "DoubleStorage", StoredType.F64,
          "HalfStorage", StoredType.F16,
          "BFloat16Storage", StoredType.BF16,
          "LongStorage", StoredType.I64,
          "IntStorage", StoredType.I32,
          "ShortStorage", StoredType.I16,
          "CharStorage", StoredType.I8,
          "ByteStorage", StoredType.U8,
          "BoolStorage", StoredType.BOOL);

  private final Storages storages;

  TorchGlobals(Storages storages) {
    this.storages = storages;
  }

  @Override
  public Object find(String module, String name) throws Refused {
    switch (module + " " + name) {
      case "collections OrderedDict":
        return Function.ORDERED_DICT;
      case "torch._utils _rebuild_tensor":
      case "torch._utils _rebuild_tensor_v2":
        return Function.REBUILD_TENSOR;
      case "torch._utils _rebuild_parameter":
        return Function.REBUILD_PARAMETER;
      default:
        StoredType type = module.equals("torch") ? TYPES.get(name) : null;
        if (type != null) {
          return type;
        }
        throw new Refused(
            "it names "
                + module
                + "."
                + name
                + ", and only tensors in dictionaries are read; nothing of it was run. Where it is a"
                + " whole model, save its state in Python: torch.save(model.state_dict(), file)");
    }
  }

  @Override
  public Object call(Object function, Tuple arguments) throws Refused {
    if (!(function instanceof Function f)) {
      throw new Refused("it calls what is no function");
    }
    return switch (f) {
      case ORDERED_DICT -> orderedDict(arguments);
      case REBUILD_TENSOR -> tensor(arguments);
      case REBUILD_PARAMETER -> {
        if (arguments.size() == 3 && arguments.get(0) instanceof TensorRef t) {
          yield t;
        }
        throw new Refused("_rebuild_parameter is called with other arguments than a tensor");
      }
    };
  }

  /** Empty, or (so Python 2 wrote it) of a list of pairs. */
  private static Dict orderedDict(Tuple arguments) throws Refused {
    Dict d = new Dict(true);
    if (arguments.size() == 0) {
      return d;
    }
    if (arguments.size() == 1 && arguments.get(0) instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (pair instanceof List<?> p && p.size() == 2 && p.get(0) instanceof String key) {
          d.entries.put(key, p.get(1));
        } else if (pair instanceof Tuple t && t.size() == 2 && t.get(0) instanceof String key) {
          d.entries.put(key, t.get(1));
        } else {
          throw new Refused("OrderedDict is called with what are no pairs of a string and a value");
        }
      }
      return d;
    }
    throw new Refused("OrderedDict is called with other arguments than pairs");
  }

  /** (storage, offset, size, stride) and, in the second version, what is not needed here. */
  private static TensorRef tensor(Tuple arguments) throws Refused {
    if (arguments.size() < 4
        || !(arguments.get(0) instanceof Storage storage)
        || !(arguments.get(1) instanceof Long offset)
        || !(arguments.get(2) instanceof Tuple size)
        || !(arguments.get(3) instanceof Tuple stride)
        || size.size() != stride.size()) {
      throw new Refused(
          "_rebuild_tensor is called with other arguments than a storage, an offset, extents and"
              + " as many strides");
    }
    int[] dims = new int[size.size()];
    long[] strides = new long[dims.length];
    boolean empty = false;
    long last = offset;
    try {
      for (int i = 0; i < dims.length; i++) {
        dims[i] = Math.toIntExact(natural(size.get(i), "extent"));
        strides[i] = natural(stride.get(i), "stride");
        empty |= dims[i] == 0;
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, dims[i] - 1), strides[i]));
      }
    } catch (ArithmeticException e) {
      throw new Refused("the extents of a tensor are too large");
    }
    if (offset < 0 || !empty && last >= storage.elements()) {
      throw new Refused(
          "a tensor reaches from element "
              + offset
              + " to "
              + last
              + " of storage '"
              + storage.key()
              + "', which has "
              + storage.elements());
    }
    return new TensorRef(storage, empty ? 0 : offset, dims, strides);
  }

  private static long natural(Object o, String what) throws Refused {
    if (o instanceof Long n && n >= 0) {
      return n;
    }
    throw new Refused("a tensor's " + what + " is no integer from 0");
  }

  /** ('storage', type, key, location, elements) and, in files before PyTorch 1.6, a view. */
  @Override
  public Object load(Object id) throws Refused {
    if (!(id instanceof Tuple t)
        || t.size() < 5
        || t.size() > 6
        || !"storage".equals(t.get(0))
        || !(t.get(1) instanceof StoredType type)
        || !(t.get(2) instanceof String key)
        || !(t.get(4) instanceof Long elements)
        || elements < 0
        || elements > Long.MAX_VALUE / 8) {
      throw new Refused("a persistent id is not that of a storage");
    }
    if (t.size() == 6 && t.get(5) != Unpickler.NONE) {
      throw new Refused(
          "storage '" + key + "' is a view of another one; in Python, clone the tensors and save");
    }
    return storages.storage(key, type, elements);
  }
}
