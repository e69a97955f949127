package dev.tilework.opencl;

import dev.tilework.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says whether a program that uses the CPU alone has loaded OpenCL's library. */
final class CpuAloneProgram {
  private CpuAloneProgram() {}

  public static void main(String[] args) throws IOException {
    String device = args.length > 0 ? args[0] : Devices.cpu().name();
    Devices.named(device);
    boolean loaded = Files.readString(Path.of("/proc/self/maps")).contains("OpenCL");
    System.out.println("OpenCL " + (loaded ? "loaded" : "not loaded"));
  }
}
