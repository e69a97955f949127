package dev.tilework.bench;

import java.util.List;

/**
 * What is written to {@code bench/results/}.
 *
 * @param processor its name
 * @param jdk the version of the Java virtual machine
 * @param os the operating system
 * @param device the devices that were timed, with what they say of themselves
 * @param threads the threads that worked
 * @param vectorBits the preferred vector width
 * @param commit the state of the sources
 * @param date the day and time in UTC
 * @param peakOneThread the highest rate of fused multiply-adds of one thread, in GFLOP/s
 * @param peakAllThreads that of all processors together
 * @param peak that of as many threads as worked; shares refer to it
 * @param rows one for each layer, batch and pass
 */
record Report(
    String processor,
    String jdk,
    String os,
    String device,
    int threads,
    int vectorBits,
    String commit,
    String date,
    double peakOneThread,
    double peakAllThreads,
    double peak,
    List<Row> rows) {
  /**
   * A layer's timing.
   *
   * @param layer the list and the name in it
   * @param shape in a few words
   * @param batch images a call
   * @param pass which of the three products
   * @param device the name of the device
   * @param count how often the network has the layer
   * @param microseconds the median time of a call
   * @param lowerQuartile of the calls, in microseconds
   * @param upperQuartile of the calls, in microseconds
   * @param calls the number of timed calls
   * @param gflops two for each multiply-add of the direct algorithm, by the median time; an
   *     algorithm that needs fewer can exceed the peak
   * @param share of the processor's peak, whatever the device
   */
  record Row(
      String layer,
      String shape,
      int batch,
      Pass pass,
      String device,
      int count,
      double microseconds,
      double lowerQuartile,
      double upperQuartile,
      long calls,
      double gflops,
      double share) {}
}
