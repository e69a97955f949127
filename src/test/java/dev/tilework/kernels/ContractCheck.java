package dev.tilework.kernels;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every operation of a device against the reference: what {@link ContractTest} asserts, and as a
 * program for machines without JUnit and for tools that watch a process.
 *
 * <p>{@code -Dtilework.test.every=N} takes each Nth sample, {@code -Dtilework.test.seed=N} draws
 * others, {@code -Dtilework.test.operations=REGEX} takes the operations whose name it finds ({@code
 * Pool|Norm}).
 */
public final class ContractCheck {
  /** Which samples are taken. */
  static final int EVERY = Integer.getInteger("tilework.test.every", 1);

  private static final Pattern OPERATIONS =
      Pattern.compile(System.getProperty("tilework.test.operations", ""));
  private static final int SHOWN = 5;

  private ContractCheck() {}

  /** Checks the device of a name ({@code cuda}) and exits with 1 where something is wrong. */
  public static void main(String... args) {
    Device device = Devices.named(args.length == 0 ? "cuda" : args[0]);
    System.out.println(device.name() + ": " + device.description());
    int wrong = 0;
    int checks = 0;
    for (Map.Entry<Class<? extends Op>, List<Sample>> e : Samples.all().entrySet()) {
      if (asked(e.getKey())) {
        for (Precision p : precisions(device, e.getKey()).toList()) {
          List<String> problems = problems(device, e.getValue(), p, EVERY);
          String result = problems.isEmpty() ? "right" : shown(problems);
          System.out.println(label(e.getKey(), p) + ": " + result);
          checks++;
          wrong += problems.isEmpty() ? 0 : 1;
        }
      }
    }
    System.out.println(checks + " checks, " + wrong + " failed");
    System.exit(wrong == 0 && checks > 0 ? 0 : 1);
  }

  /** Whether an operation is among those that were asked for. */
  static boolean asked(Class<? extends Op> operation) {
    return OPERATIONS.matcher(label(operation)).find();
  }

  /** The arithmetic that an operation can be asked to use on a device. */
  static Stream<Precision> precisions(Device device, Class<? extends Op> operation) {
    boolean product =
        ConvOp.class.isAssignableFrom(operation) || MatmulOp.class.isAssignableFrom(operation);
    return product ? device.precisions().stream() : Stream.of(Precision.FP32);
  }

  /** The operation's name within its family. */
  static String label(Class<? extends Op> operation) {
    return operation.getName().replaceAll(".*\\.", "").replace('$', '.');
  }

  /** The operation's name, and the precision where it is not the full one. */
  static String label(Class<? extends Op> operation, Precision precision) {
    return label(operation) + (precision == Precision.FP32 ? "" : " in " + precision);
  }

  /** What is wrong with a device's results; empty where nothing is. */
  static List<String> problems(
      Device device, List<Sample> samples, Precision precision, int every) {
    Precision before = device.precision();
    device.precision(precision);
    List<String> problems = new ArrayList<>();
    try {
      for (int i = 0; i < samples.size(); i += every) {
        problems.addAll(SampleRun.problems(device, samples.get(i)));
      }
    } finally {
      device.precision(before);
    }
    return problems;
  }

  /** The number of problems and the first of them. */
  static String shown(List<String> problems) {
    return problems.size()
        + " problems, the first of them:\n"
        + String.join("\n", problems.subList(0, Math.min(SHOWN, problems.size())));
  }
}
