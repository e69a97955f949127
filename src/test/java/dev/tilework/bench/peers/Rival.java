package dev.tilework.bench.peers;

import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;

/** A library's process as the driving one sees it; started again for the next task when it died. */
final class Rival implements AutoCloseable {
  private static final int PATIENCE_MS = 180_000;
  private static final int MOST_STARTS = 4;

  private final Library library;
  private final int threads;
  private final String devices;
  private final File log;
  private Process process;
  private ServerSocket door;
  private Socket socket;
  private ObjectOutputStream out;
  private ObjectInputStream in;
  private String version;
  private String problem;
  private int starts;

  /** What a library could not do; its process may live on. */
  static final class Failure extends Exception {
    Failure(String message) {
      super(message);
    }
  }

  /**
   * A process that is started when it is needed.
   *
   * @param logs the folder for what it prints
   */
  Rival(Library library, int threads, String devices, Path logs) {
    this.library = library;
    this.threads = threads;
    this.devices = devices;
    log = logs.resolve(library.name() + ".log").toFile();
    problem = library.problem();
  }

  Library library() {
    return library;
  }

  /** The library's version; null before it was loaded. */
  String version() {
    return version;
  }

  /** Why it does not take part; null where it does. */
  String problem() {
    return problem;
  }

  /** The forms of a task. */
  List<String> forms(Task task) throws Failure {
    return ((Message.Forms) ask(new Message.AskForms(task))).names();
  }

  /** Makes a form ready. */
  Sample prepare(Task task, String form) throws Failure {
    return ((Message.Ready) ask(new Message.Prepare(task, form))).sample();
  }

  /** Takes a turn: the times of calls in nanoseconds. */
  long[] turn(String form, long nanos) throws Failure {
    return ((Message.Times) ask(new Message.Turn(form, nanos))).nanos();
  }

  /** Frees what the task made. */
  void finish() {
    if (process != null) {
      try {
        ask(new Message.Finish());
      } catch (Failure e) {
        // A process that cannot free is not worth keeping.
        stop();
      }
    }
  }

  private Message ask(Message request) throws Failure {
    if (problem != null) {
      throw new Failure(problem);
    }
    try {
      if (process == null) {
        start();
      }
      return exchange(request);
    } catch (SocketTimeoutException e) {
      stop();
      throw new Failure("no answer within " + PATIENCE_MS / 1000 + " s");
    } catch (EOFException | SocketException e) {
      String outcome;
      try {
        outcome = Child.outcome(process) + ", see " + log;
      } catch (IOException interrupted) {
        outcome = interrupted.getMessage();
      }
      stop();
      throw new Failure(outcome);
    } catch (IOException | ClassNotFoundException e) {
      stop();
      throw new Failure(e.toString());
    }
  }

  private Message exchange(Message request) throws IOException, ClassNotFoundException, Failure {
    out.reset();
    out.writeObject(request);
    out.flush();
    Message answer = (Message) in.readObject();
    if (answer instanceof Message.Problem p) {
      throw new Failure(p.what());
    }
    return answer;
  }

  private void start() throws IOException, ClassNotFoundException, Failure {
    if (++starts > MOST_STARTS) {
      problem = "its process ended " + MOST_STARTS + " times, see " + log;
      throw new Failure(problem);
    }
    door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    door.setSoTimeout(PATIENCE_MS);
    process =
        Child.java(
                library,
                Worker.class,
                true,
                devices,
                library.name(),
                Integer.toString(threads),
                Integer.toString(door.getLocalPort()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    // A process that dies before it calls must not be waited for.
    ServerSocket waiting = door;
    process.onExit().thenRun(() -> close(waiting));
    socket = door.accept();
    socket.setSoTimeout(PATIENCE_MS);
    socket.setTcpNoDelay(true);
    out = new ObjectOutputStream(socket.getOutputStream());
    out.flush();
    in = new ObjectInputStream(socket.getInputStream());
    Message hello = (Message) in.readObject();
    if (hello instanceof Message.Problem p) {
      problem = "it could not be loaded: " + p.what();
      throw new Failure(problem);
    }
    version = ((Message.Hello) hello).version();
  }

  private static void close(Closeable c) {
    try {
      c.close();
    } catch (IOException e) {
      // The process is ended either way.
    }
  }

  private void stop() {
    if (process == null) {
      return;
    }
    if (socket != null) {
      close(socket);
    }
    Child.end(process);
    close(door);
    process = null;
    socket = null;
  }

  @Override
  public void close() {
    stop();
  }
}
