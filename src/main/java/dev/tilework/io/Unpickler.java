package dev.tilework.io;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the part of Python's pickle, protocol 2 (PEP 307 and CPython's {@code pickletools}), that
 * state dictionaries consist of: numbers, strings, lists, tuples and dictionaries. A pickle is a
 * program; here it can call nothing but what {@link Globals} knows, and whatever else it asks for
 * is refused before anything is made of it.
 *
 * <p>The work is bounded by the pickle's length: no operation copies more than it took from the
 * stack, and keys of dictionaries are plain, so that nested references cannot grow.
 */
final class Unpickler {
  /** What a pickle may name and call. */
  interface Globals {
    /** What a name stands for; refuses those it does not know. */
    Object find(String module, String name) throws Refused;

    /** The result of calling what {@link #find} gave. */
    Object call(Object function, Tuple arguments) throws Refused;

    /** What a persistent id, the storage of a tensor, stands for. */
    Object load(Object id) throws Refused;
  }

  /** A pickle that is malformed, or that asks for what is not allowed. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String reason) {
      super(reason);
    }
  }

  /** A tuple; of identity, so that comparing nested ones costs nothing. */
  static final class Tuple {
    final List<Object> items;

    Tuple(List<Object> items) {
      this.items = items;
    }

    Object get(int i) {
      return items.get(i);
    }

    int size() {
      return items.size();
    }
  }

  /** A dictionary; {@code ordered} where it is an OrderedDict, the only object with a state. */
  static final class Dict {
    final Map<Object, Object> entries = new LinkedHashMap<>();
    final boolean ordered;

    Dict(boolean ordered) {
      this.ordered = ordered;
    }
  }

  /** None. */
  static final Object NONE =
      new Object() {
        @Override
        public String toString() {
          return "None";
        }
      };

  private static final int PROTOCOL = 2;
  private static final Object MARK = new Object();

  private final ByteBuffer in;
  private final Globals globals;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Unpickler(ByteBuffer in, Globals globals) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.globals = globals;
  }

  /** Reads one pickle and leaves the buffer behind its end. */
  static Object read(ByteBuffer in, Globals globals) throws Refused {
    try {
      return new Unpickler(in, globals).run();
    } catch (BufferUnderflowException e) {
      throw new Refused("the pickle is cut short");
    }
  }

  private Object run() throws Refused {
    while (true) {
      int at = in.position();
      int op = in.get() & 0xFF;
      if (op == '.') {
        Object top = pop();
        if (!stack.isEmpty()) {
          throw new Refused("the pickle ends with more than one object");
        }
        return top;
      }
      step(op, at);
    }
  }

  private void step(int op, int at) throws Refused {
    switch (op) {
      case 0x80 -> protocol(in.get() & 0xFF);
      case '(' -> stack.push(MARK);
      case '0' -> pop();
      case '1' -> toMark();
      case '2' -> push(peek());
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'J' -> push((long) in.getInt());
      case 'K' -> push((long) (in.get() & 0xFF));
      case 'M' -> push((long) (in.getShort() & 0xFFFF));
      case 0x8a -> push(long1(in.get() & 0xFF));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> push(text(in.getInt()));
      case 'U' -> push(text(in.get() & 0xFF));
      case 'T' -> push(text(in.getInt()));
      case ')' -> push(new Tuple(List.of()));
      case 0x85 -> push(new Tuple(popLast(1)));
      case 0x86 -> push(new Tuple(popLast(2)));
      case 0x87 -> push(new Tuple(popLast(3)));
      case 't' -> push(new Tuple(toMark()));
      case ']' -> push(new ArrayList<Object>());
      case 'l' -> push(toMark());
      case 'a' -> {
        Object item = pop();
        list().add(item);
      }
      case 'e' -> {
        List<Object> items = toMark();
        list().addAll(items);
      }
      case '}' -> push(new Dict(false));
      case 'd' -> {
        List<Object> items = toMark();
        push(new Dict(false));
        putAll(items);
      }
      case 's' -> putAll(popLast(2));
      case 'u' -> putAll(toMark());
      case 'q' -> memo.put(in.get() & 0xFF, peek());
      case 'r' -> memo.put(in.getInt(), peek());
      case 'h' -> push(remembered(in.get() & 0xFF));
      case 'j' -> push(remembered(in.getInt()));
      case 'c' -> {
        String module = line();
        push(globals.find(module, line()));
      }
      case 'R' -> {
        Object arguments = pop();
        Object function = pop();
        if (!(arguments instanceof Tuple t)) {
          throw new Refused("a call at byte " + at + " has no tuple of arguments");
        }
        push(globals.call(function, t));
      }
      case 'Q' -> push(globals.load(pop()));
      case 'b' -> build(pop(), at);
      case 'i', 'o', 0x81, 0x92 ->
          throw new Refused(
              "it makes an object of a class (opcode "
                  + Integer.toHexString(op)
                  + " at byte "
                  + at
                  + "), which is not allowed");
      default ->
          throw new Refused(
              "opcode " + Integer.toHexString(op) + " at byte " + at + " is not allowed");
    }
  }

  private static void protocol(int version) throws Refused {
    if (version != PROTOCOL) {
      throw new Refused("it is of pickle's protocol " + version + ", expected " + PROTOCOL);
    }
  }

  /** The state of an OrderedDict is PyTorch's {@code _metadata}: versions of modules. */
  private void build(Object state, int at) throws Refused {
    if (!(peek() instanceof Dict d
        && d.ordered
        && state instanceof Dict s
        && s.entries.keySet().stream().allMatch("_metadata"::equals))) {
      throw new Refused(
          "it sets the state of an object at byte " + at + ", allowed is _metadata of OrderedDict");
    }
  }

  private Object remembered(int index) throws Refused {
    Object o = memo.get(index);
    if (o == null) {
      throw new Refused("it refers to object " + index + ", which was not remembered");
    }
    return o;
  }

  private long long1(int bytes) throws Refused {
    if (bytes > 8) {
      throw new Refused("it holds an integer of " + bytes + " bytes, at most 8 are read");
    }
    long v = 0;
    for (int i = 0; i < bytes; i++) {
      v |= (in.get() & 0xFFL) << 8 * i;
    }
    int unused = 64 - 8 * bytes;
    return bytes == 0 ? 0 : v << unused >> unused;
  }

  private String text(int bytes) throws Refused {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new Refused("a string of " + Integer.toUnsignedString(bytes) + " bytes is cut short");
    }
    byte[] b = new byte[bytes];
    in.get(b);
    return new String(b, StandardCharsets.UTF_8);
  }

  private String line() throws Refused {
    StringBuilder s = new StringBuilder();
    for (byte b = in.get(); b != '\n'; b = in.get()) {
      s.append((char) (b & 0xFF));
    }
    return s.toString();
  }

  private void push(Object o) {
    stack.push(o);
  }

  private Object peek() throws Refused {
    Object o = stack.peek();
    if (o == null || o == MARK) {
      throw new Refused("the pickle takes an object that is not there");
    }
    return o;
  }

  private Object pop() throws Refused {
    Object o = peek();
    stack.pop();
    return o;
  }

  private List<Object> popLast(int n) throws Refused {
    Object[] items = new Object[n];
    for (int i = n - 1; i >= 0; i--) {
      items[i] = pop();
    }
    return List.of(items);
  }

  private List<Object> toMark() throws Refused {
    List<Object> items = new ArrayList<>();
    while (stack.peek() != MARK) {
      if (stack.isEmpty()) {
        throw new Refused("the pickle has an end without a beginning");
      }
      items.add(stack.pop());
    }
    stack.pop();
    return new ArrayList<>(items.reversed());
  }

  @SuppressWarnings("unchecked")
  private List<Object> list() throws Refused {
    if (peek() instanceof ArrayList<?> l) {
      return (List<Object>) l;
    }
    throw new Refused("the pickle appends to what is no list");
  }

  private void putAll(List<Object> items) throws Refused {
    if (!(peek() instanceof Dict d) || items.size() % 2 != 0) {
      throw new Refused("the pickle sets items of what is no dictionary, or a key without a value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (!(key instanceof String || key instanceof Long || key instanceof Boolean)) {
        throw new Refused("a dictionary has a key that is neither a string nor an integer");
      }
      if (d.entries.containsKey(key)) {
        throw new Refused("a dictionary has the key '" + key + "' twice");
      }
      d.entries.put(key, items.get(i + 1));
    }
  }
}
