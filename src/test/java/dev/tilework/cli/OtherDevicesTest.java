package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.Device;
import dev.tilework.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a device that is not the CPU. */
class OtherDevicesTest {
  private final Device current = Devices.current();
  private String name;

  @TempDir Path folder;

  @BeforeEach
  void find() {
    List<Device> others =
        Devices.all().stream().filter(d -> !d.kind().equals("cpu")).limit(1).toList();
    assumeFalse(others.isEmpty(), "there is only the CPU");
    name = others.getFirst().name();
  }

  /** Commands set the device of this process. */
  @AfterEach
  void restore() {
    Devices.use(current);
  }

  private JsonNode run(Object... args) throws IOException {
    Path json = folder.resolve("out.json");
    Object[] all = new Object[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--json";
    all[args.length + 1] = json;
    Invocation i = Invocation.of(all);
    assertEquals(0, i.exitCode(), i.err());
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void trainingLearns() throws IOException {
    JsonNode result =
        run(
            "train",
            "--device",
            name,
            "--images",
            100,
            "--image-size",
            8,
            "--model",
            "resnet8",
            "--epochs",
            4,
            "--batch",
            10,
            "--seed",
            3,
            "--out",
            folder.resolve("run"));
    assertEquals(name, result.get("device").asText());
    JsonNode history = result.get("history");
    double first = history.get(0).get("loss").asDouble();
    double last = history.get(history.size() - 1).get("loss").asDouble();
    assertTrue(last < 0.9 * first, "loss " + first + " to " + last);
    assertTrue(result.get("peak_device_bytes").asLong() > 0);
  }

  @Test
  void benchComparesWithTheCpu() {
    Invocation i =
        Invocation.of(
            "bench",
            "--device",
            "cpu," + name,
            "--model",
            "resnet8",
            "--batch",
            1,
            "--seconds",
            0.05);
    assertEquals(0, i.exitCode(), i.err());
    for (String mode : List.of("inference", "training")) {
      String line = "resnet8 +" + mode + " +1 +";
      assertTrue(i.out().lines().anyMatch(l -> l.matches(line + "cpu +[\\d.]+ +1.00")), i.out());
      assertTrue(
          i.out().lines().anyMatch(l -> l.matches(line + name + " +[\\d.]+ +[\\d.]+")), i.out());
    }
  }
}
