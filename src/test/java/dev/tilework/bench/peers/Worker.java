package dev.tilework.bench.peers;

import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/** A library's process: answers the driving process through a socket, as libraries print. */
final class Worker {
  private final Contestant contestant;
  private final Map<String, Contestant.Call> calls = new HashMap<>();

  private Worker(Contestant contestant) {
    this.contestant = contestant;
  }

  /** The arguments: the library, the threads, the port. */
  public static void main(String... args) throws IOException, ClassNotFoundException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[2]));
        ObjectOutputStream out = new ObjectOutputStream(socket.getOutputStream());
        ObjectInputStream in = new ObjectInputStream(socket.getInputStream())) {
      Contestant contestant;
      try {
        contestant = find(args[0]);
        contestant.threads(Integer.parseInt(args[1]));
        out.writeObject(new Message.Hello(contestant.version()));
      } catch (Exception | LinkageError e) {
        out.writeObject(problem(e));
        return;
      }
      out.flush();
      new Worker(contestant).answer(in, out);
    }
    // Threads of a library must not keep the process.
    System.exit(0);
  }

  /** The library of a name: this one, or what the class path brings. */
  static Contestant find(String name) {
    return name.equals(Tilework.NAME)
        ? new Tilework()
        : ServiceLoader.load(Contestant.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(c -> c.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("the class path has no " + name));
  }

  private void answer(ObjectInputStream in, ObjectOutputStream out)
      throws IOException, ClassNotFoundException {
    while (true) {
      Message request;
      try {
        request = (Message) in.readObject();
      } catch (EOFException e) {
        return;
      }
      if (request instanceof Message.Quit) {
        return;
      }
      Message reply;
      try {
        reply = reply(request);
      } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
        reply = problem(e);
      }
      out.reset();
      out.writeObject(reply);
      out.flush();
    }
  }

  private Message reply(Message request) {
    return switch (request) {
      case Message.AskForms a -> new Message.Forms(contestant.forms(a.task()));
      case Message.Prepare p -> prepare(p);
      case Message.Turn t -> turn(calls.get(t.form()), t.nanos());
      case Message.Finish f -> {
        calls.values().forEach(Contestant.Call::close);
        calls.clear();
        yield new Message.Done();
      }
      default -> throw new IllegalStateException("unexpected " + request);
    };
  }

  private Message prepare(Message.Prepare p) {
    Contestant.Call call = contestant.prepare(p.task(), p.form());
    calls.put(p.form(), call);
    call.before();
    call.run();
    float[] result = call.result();
    if (contestant instanceof Tilework) {
      Reference.check(p.task(), result);
    }
    return new Message.Ready(Sample.of(result));
  }

  private static Message turn(Contestant.Call call, long nanos) {
    long[] times = new long[64];
    int count = 0;
    long begin = System.nanoTime();
    do {
      call.before();
      long start = System.nanoTime();
      call.run();
      long end = System.nanoTime();
      times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
      times[count++] = end - start;
    } while (System.nanoTime() - begin < nanos);
    return new Message.Times(Arrays.copyOf(times, count));
  }

  private static Message problem(Throwable e) {
    Throwable t = e;
    while (t.getCause() != null) {
      t = t.getCause();
    }
    String text = t.getMessage() == null ? "" : ": " + t.getMessage().strip();
    return new Message.Problem(t.getClass().getSimpleName() + text.lines().findFirst().orElse(""));
  }
}
