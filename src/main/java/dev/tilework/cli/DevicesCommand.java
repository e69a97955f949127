package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Devices;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the devices of this machine. */
@Command(
    name = "devices",
    description = "List the devices of this machine, and what to install for those not there.")
final class DevicesCommand implements Callable<Integer> {
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    TextTable table = new TextTable("kind", "name", "there", "what");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Devices.Report r : Devices.reports()) {
      if (r.devices().isEmpty()) {
        table.row(r.kind(), "-", "no", r.explanation());
        rows.add(row(r.kind(), null, r.explanation()));
      }
      for (Device d : r.devices()) {
        table.row(r.kind(), d.name(), "yes", d.description());
        rows.add(row(r.kind(), d.name(), d.description()));
      }
    }
    table.print(out);
    String best = best();
    out.println("\nUsed when none is named: " + (best == null ? "none of them" : best));
    out.flush();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("devices", rows);
    result.put("best", best);
    json.write(result);
    return 0;
  }

  /** Null where the device that {@code -Dtilework.device} names is not there. */
  private static String best() {
    try {
      return Devices.best().name();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static Map<String, Object> row(String kind, String name, String explanation) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("kind", kind);
    row.put("name", name);
    row.put("available", name != null);
    row.put("explanation", explanation);
    return row;
  }
}
