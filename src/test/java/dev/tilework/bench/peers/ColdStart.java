package dev.tilework.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A fresh process that makes a network, answers once, and goes on for some answers: how long the
 * first takes from the start of the process, and the most memory that was resident. What processes
 * have in common is the same for each: a Java virtual machine with its defaults.
 */
final class ColdStart {
  private static final int ANSWERS = 10;
  private static final int MOST_SECONDS = 120;
  private static final String ANSWER = "cold start: answered";
  private static final String PEAK = "cold start: peak kB ";

  private ColdStart() {}

  /**
   * What was measured.
   *
   * @param nanos to the first answer
   * @param peakMB 10^6 bytes; null where the system does not tell
   */
  record Result(long nanos, Double peakMB) {}

  /** The process; the arguments: library, threads, model, size, folder. */
  public static void main(String... args) throws IOException {
    Contestant contestant = Worker.find(args[0]);
    contestant.threads(Integer.parseInt(args[1]));
    Task.Network network = new Task.Network(args[2], Integer.parseInt(args[3]), 1, false);
    try (Contestant.Call call = contestant.start(network, Path.of(args[4]))) {
      call.run();
      float[] answer = call.result();
      if (answer.length != network.classes() || !Float.isFinite(answer[0])) {
        throw new IllegalStateException("the answer is " + Arrays.toString(answer));
      }
      System.out.println(ANSWER);
      for (int i = 1; i < ANSWERS; i++) {
        call.run();
      }
    }
    System.out.println(PEAK + peak());
    System.exit(0);
  }

  /** The high-water mark of the resident set in kB as Linux tells it; elsewhere empty. */
  private static String peak() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        ? Files.readAllLines(status).stream()
            .filter(l -> l.startsWith("VmHWM:"))
            .map(l -> l.replaceAll("[^0-9]", ""))
            .findFirst()
            .orElse("")
        : "";
  }

  /**
   * Runs a process.
   *
   * @param vectors whether the library uses the Vector API
   * @throws Rival.Failure where it gave no answer
   */
  static Result run(
      Library library,
      int threads,
      String devices,
      Task.Network network,
      Path folder,
      boolean vectors)
      throws Rival.Failure {
    ProcessBuilder builder =
        Child.java(
            library,
            ColdStart.class,
            vectors,
            devices,
            library.name(),
            Integer.toString(threads),
            network.model(),
            Integer.toString(network.size()),
            folder.toString());
    builder.redirectErrorStream(true);
    try {
      long begin = System.nanoTime();
      Process process = builder.start();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        return read(process, lines, begin);
      } finally {
        Child.end(process);
      }
    } catch (IOException e) {
      throw new Rival.Failure(e.toString());
    }
  }

  private static Result read(Process process, BufferedReader lines, long begin)
      throws IOException, Rival.Failure {
    // A process that hangs is ended, which ends its output too.
    process
        .onExit()
        .orTimeout(MOST_SECONDS, TimeUnit.SECONDS)
        .exceptionally(
            late -> {
              process.destroyForcibly();
              return process;
            });
    long nanos = 0;
    String exception = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals(ANSWER)) {
        nanos = System.nanoTime() - begin;
      } else if (line.startsWith(PEAK)) {
        String kilobytes = line.substring(PEAK.length());
        return new Result(
            nanos, kilobytes.isEmpty() ? null : (Double) (Long.parseLong(kilobytes) * 1.024e-3));
      } else if (exception == null && line.startsWith("Exception in thread")) {
        exception = line.replaceFirst("Exception in thread \"[^\"]*\" ", "");
      }
    }
    throw new Rival.Failure(exception == null ? Child.outcome(process) : exception);
  }

  /** The medians over several processes, the first of which unpacks files and is not counted. */
  static Result median(List<Result> results) {
    long[] nanos = results.stream().mapToLong(Result::nanos).sorted().toArray();
    double[] peaks =
        results.stream()
            .filter(r -> r.peakMB() != null)
            .mapToDouble(Result::peakMB)
            .sorted()
            .toArray();
    return new Result(
        (long) PeerReport.median(nanos),
        peaks.length == 0 ? null : (Double) peaks[peaks.length / 2]);
  }
}
