package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What nvcc's assembler says of the kernels: a convolution or product that spills registers is
 * slow, and so is any kernel that keeps an array in memory because an index was not a constant.
 */
class CompilerReportTest {
  private static final Path REPORT = Path.of("target", "ptxas.txt");
  private static final Pattern KERNEL =
      Pattern.compile(
          "Compiling entry function '(\\w+)' for '(\\w+)'.*?"
              + "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads",
          Pattern.DOTALL);

  @Test
  void everythingStaysInRegisters() throws IOException {
    Assumptions.assumeTrue(Files.exists(REPORT), "the kernels were not compiled: nvcc is not here");
    List<String> inMemory = new ArrayList<>();
    int products = 0;
    Matcher m = KERNEL.matcher(Files.readString(REPORT));
    while (m.find()) {
      if (m.group(1).startsWith("conv_") || m.group(1).startsWith("matmul_")) {
        products++;
      }
      if (!m.group(3).equals("0") || !m.group(4).equals("0") || !m.group(5).equals("0")) {
        inMemory.add(m.group());
      }
    }
    assertTrue(products >= 100, "products in the report: " + products);
    assertEquals(List.of(), inMemory);
  }
}
