package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import dev.tilework.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each file is refused with its name and the reason, and what should be loaded is unchanged. */
class MalformedFileTest {
  private static final String META = "\"__metadata__\":{\"layout\":\"nhwc\"}";

  @TempDir Path folder;

  /** Headers for a model with one tensor "a" of two floats; 8 bytes of data follow. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not JSON | {\"a\": | not valid JSON",
        "text behind | {%} {} | not valid JSON",
        "no object | [1, 2] | not a JSON object",
        "duplicate name | {%, \"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[8,8]}} | Duplicate",
        "metadata no object | {\"__metadata__\":3} | __metadata__",
        "metadata no strings | {\"__metadata__\":{\"k\":3}} | __metadata__",
        "entry no object | {\"a\":5} | 'a'",
        "unknown type | {\"a\":{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}} | F31",
        "no type | {\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}} | 'a': unknown element type",
        "no shape | {\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | 'a': shape",
        "negative extent | {\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | [-2]",
        "fractional extent | {\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | [2.0]",
        "huge extent | {\"a\":{\"dtype\":\"F32\",\"shape\":[4294967298],\"data_offsets\":[0,8]}} | 4294967298",
        "too many elements | {\"a\":{\"dtype\":\"U8\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,8]}} | too many",
        "size overflows | {\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2],\"data_offsets\":[0,8]}} | does not fill",
        "no offsets | {\"a\":{\"dtype\":\"F32\",\"shape\":[2]}} | data_offsets",
        "one offset | {\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | data_offsets [0]",
        "text offset | {\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[\"0\",8]}} | data_offsets",
        "negative offset | {\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | outside",
        "reversed offsets | {\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | outside",
        "behind the end | {\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}} | outside the 8 bytes",
        "size not of shape | {\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | does not fill 8 bytes",
        "overlap | {%, \"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}} | 'b': it begins at byte 4, inside",
        "gap | {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 'a': it begins at byte 4, with a gap",
        "data left over | {\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | end at byte 4",
      })
  void header(String what, String header, String reason) throws IOException {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    Path file = folder.resolve("bad.safetensors");
    TestFiles.safetensors(file, header.replace("%", META + "," + a), new byte[8]);
    refused(file, reason);
  }

  @Test
  void headerThatIsNotUtf8() throws IOException {
    Path file = folder.resolve("bad");
    TestFiles.raw(file, 4, new byte[] {'{', (byte) 0xFF, (byte) 0xFE, '}'}, new byte[0]);
    refused(file, "not UTF-8");
  }

  @Test
  void headerLengths() throws IOException {
    Path file = folder.resolve("bad");
    byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
    for (long length : new long[] {0, 1, 3, 1L << 40, -1, Long.MIN_VALUE}) {
      TestFiles.raw(file, length, header, new byte[0]);
      refused(file, "a header of " + Long.toUnsignedString(length) + " bytes does not fit");
    }
  }

  @Test
  void everyTruncation() throws IOException {
    Path whole = folder.resolve("whole");
    try (Tensor a = Tensor.of(Devices.cpu(), new float[] {1, 2}, 2)) {
      Weights.save(whole, Map.of("a", a), Map.of());
    }
    byte[] bytes = Files.readAllBytes(whole);
    Path file = folder.resolve("bad");
    for (int n = 0; n < bytes.length; n++) {
      Files.write(file, Arrays.copyOf(bytes, n));
      refused(file, "");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    refused(file, "end at byte 8 of the data, which has 9 bytes");
  }

  private static void refused(Path file, String reason) {
    try (Tensor a = Tensor.of(Devices.cpu(), new float[] {5, 6}, 2)) {
      long version = a.version();
      var e = assertThrows(FormatException.class, () -> Weights.load(file, Map.of("a", a)));
      assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
      assertTrue(e.getMessage().contains(reason), e.getMessage());
      assertArrayEquals(new float[] {5, 6}, a.toArray());
      assertTrue(a.version() == version, "not written to");
    }
  }
}
