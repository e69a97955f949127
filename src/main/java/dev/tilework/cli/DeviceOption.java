package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Devices;
import picocli.CommandLine.Option;

/** The option {@code --device}, shared by the commands that compute. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "<name>",
      description = "Device to compute on, as 'tilework devices' names it; the best if not given.")
  private String name;

  /** The device, which becomes the current one. */
  Device use() {
    Device d = name == null ? Devices.best() : Devices.named(name);
    Devices.use(d);
    return d;
  }
}
