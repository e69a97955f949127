package dev.tilework.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite for GPUs does its work at toy sizes, on a GPU or its stand-in. */
class GpuSuiteTest {
  private static final Set<String> HEAD =
      Set.of(
          "kind",
          "gpu",
          "driver",
          "jdk",
          "os",
          "commit",
          "date",
          "contract",
          "memcheck",
          "racecheck",
          "peer",
          "complete",
          "copyGBs",
          "means",
          "rows");

  @TempDir Path folder;

  @Test
  void runsAndWritesItsResult() throws IOException {
    Device device =
        Devices.all().stream().filter(d -> d.kind().equals("cuda")).findFirst().orElse(null);
    Assumptions.assumeTrue(device != null, "there is neither a GPU nor its stand-in");
    Path peer = folder.resolve("peer-" + device.kind() + ".jsonl");
    String layer = "\"layer\": \"resnet50/conv1\", \"pass\": \"FORWARD\", \"precision\": \"FP32\"";
    Files.writeString(
        peer,
        """
        {"peer": "a library 1.0"}
        {"batch": 1, "microseconds": 5.0, LAYER}
        {"batch": 3, "problem": "out of memory", LAYER}
        {"batch": 3, "microsec"""
            .replace("LAYER", layer));
    Path out = folder.resolve("results").resolve(device.kind() + ".json");
    long live = device.memory().live();
    assertEquals(
        0,
        GpuSuite.execute(
            "--quick",
            "--device",
            device.name(),
            "--seconds",
            "600",
            "--peer",
            peer.toString(),
            "--commit",
            "0123456789ab",
            "--out",
            out.toString()));
    assertEquals(live, device.memory().live(), "bytes that the suite left behind");
    JsonNode report = new ObjectMapper().readTree(out.toFile());
    TreeSet<String> names = new TreeSet<>();
    report.fieldNames().forEachRemaining(names::add);
    assertEquals(new TreeSet<>(HEAD), names);
    assertEquals("gpu", report.get("kind").asText());
    assertEquals("a library 1.0", report.get("peer").asText());
    assertEquals("0123456789ab", report.get("commit").asText());
    assertTrue(report.get("complete").asBoolean());
    assertTrue(report.get("copyGBs").asDouble() > 0);
    rows(report, device.precisions().size());
    JsonNode means = report.get("means");
    assertEquals(1, means.size(), means.toString());
    assertEquals("resnet50", means.get(0).get("list").asText());
    assertEquals(1, means.get(0).get("cases").asInt());
  }

  private static void rows(JsonNode report, int precisions) {
    int layers = 0;
    int compared = 0;
    for (JsonNode row : report.get("rows")) {
      String group = row.get("group").asText();
      assertFalse(row.has("problem"), row.toString());
      assertTrue(row.get("microseconds").asDouble() > 0, row.toString());
      assertTrue(row.get("lowerQuartile").asDouble() <= row.get("upperQuartile").asDouble());
      assertTrue(row.get("calls").asLong() >= 3, row.toString());
      assertEquals(
          group.equals("layers") || group.equals("products"), row.has("tflops"), row.toString());
      assertEquals(group.equals("memory"), row.has("gbs"), row.toString());
      assertEquals(group.equals("models"), row.has("imagesPerSecond"), row.toString());
      layers += group.equals("layers") ? 1 : 0;
      if (row.has("ratio")) {
        compared++;
        assertEquals(5 / row.get("microseconds").asDouble(), row.get("ratio").asDouble(), 1e-9);
      }
    }
    // Two layers of two lists, two batches, three passes.
    assertEquals(24 * precisions, layers);
    assertEquals(1, compared);
  }

  @Test
  void whenTheTimeIsUpTheRestIsSkippedAndSaidToBe() throws IOException {
    Path out = folder.resolve("late.json");
    assertEquals(
        1,
        GpuSuite.execute("--quick", "--device", "cpu", "--seconds", "0", "--out", out.toString()));
    JsonNode report = new ObjectMapper().readTree(out.toFile());
    assertFalse(report.get("complete").asBoolean());
    assertEquals(0, report.get("rows").size());
    assertTrue(report.get("copyGBs").isNull());
  }

  @Test
  void aPeerThatDidNotRunSaysWhy() throws IOException {
    Path file = folder.resolve("peer.jsonl");
    Files.writeString(file, "{\"skipped\": \"there is no torch\"}\n");
    Peer peer = Peer.read(file);
    assertEquals("none: there is no torch", peer.name());
    assertNull(peer.time("resnet50/conv1", 1, "FORWARD", Precision.FP32));
  }

  /** The check that stands before each timing sees a wrong kernel. */
  @Test
  void aWrongResultIsNotTimed() {
    ConvGeometry small = new ConvGeometry(3, 5, 5, 4, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    Device cpu = Devices.cpu();
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.uniform(cpu, -0.5f, 0.5f, 1, small.inputShape().dims());
      Tensor w = Tensor.uniform(cpu, -0.5f, 0.5f, 2, small.weightShape().dims());
      float[] right = cpu.run1(Pass.FORWARD.op(small), x, w).toArray();
      float[] wrong = right.clone();
      wrong[wrong.length - 1] += 0.1f;
      for (Precision p : new Precision[] {Precision.FP32, Precision.TF32}) {
        double tolerance = SampledImages.tolerance(p);
        Validation.check(Pass.FORWARD, small, x.toArray(), w.toArray(), right, tolerance);
        assertThrows(
            IllegalStateException.class,
            () ->
                Validation.check(Pass.FORWARD, small, x.toArray(), w.toArray(), wrong, tolerance));
      }
    }
  }
}
