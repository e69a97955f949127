package dev.tilework.bench.peers;

import java.nio.file.Path;
import java.util.List;

/** A library, in the form its users would choose. Each works in a process of its own. */
public interface Contestant {
  /** What it is called, as {@code --peers} takes it. */
  String name();

  /** Its version and how it is reached, in a few words. */
  String version();

  /** Limits the threads that compute; called once, before all else. */
  void threads(int count);

  /**
   * The ways in which it can do a task, such as its memory formats; each is timed. None where it
   * has no way.
   */
  List<String> forms(Task task);

  /** Makes a task's operands in one of its forms. */
  Call prepare(Task task, String form);

  /**
   * Makes a network ready in a fresh process, as a program that has its weights in the library's
   * own way would: random where they are made in memory.
   *
   * @param folder where files are kept between processes
   * @throws UnsupportedOperationException where there is no such way
   */
  default Call start(Task.Network network, Path folder) {
    throw new UnsupportedOperationException(name() + " runs no networks here");
  }

  /** Work that is repeated. */
  interface Call extends AutoCloseable {
    /** Whatever a call needs anew and what is not timed. */
    default void before() {}

    /** Computes and waits for the result, whose memory is taken anew as in a program. */
    void run();

    /**
     * What the last {@link #run} made, in this library's layouts. Of a training step the loss and
     * the gradient to the first convolution's weights, of the first call.
     */
    float[] result();

    @Override
    void close();
  }
}
