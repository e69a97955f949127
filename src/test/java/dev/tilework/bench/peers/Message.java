package dev.tilework.bench.peers;

import java.io.Serializable;
import java.util.List;

/** What the driving process and a library's process say to each other. */
sealed interface Message extends Serializable {
  /** From the library, once it is loaded. */
  record Hello(String version) implements Message {}

  /** Asks for the forms of a task. */
  record AskForms(Task task) implements Message {}

  /** The answer. */
  record Forms(List<String> names) implements Message {}

  /** Asks to prepare a form of a task and to compute it once. */
  record Prepare(Task task, String form) implements Message {}

  /** The answer: parts of the result. */
  record Ready(Sample sample) implements Message {}

  /**
   * Asks for a turn.
   *
   * @param nanos until when calls are repeated; one is made at least
   */
  record Turn(String form, long nanos) implements Message {}

  /** The answer: the times of the calls. */
  record Times(long[] nanos) implements Message {}

  /** Asks to free all forms of the task. */
  record Finish() implements Message {}

  /** The answer. */
  record Done() implements Message {}

  /** Instead of an answer. */
  record Problem(String what) implements Message {}

  /** Asks to end. */
  record Quit() implements Message {}
}
