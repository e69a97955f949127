package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file is refused with its name and the reason, and nothing of it is run. */
class MalformedTorchFileTest {
  private static final long[] TWO = {2};
  private static final long[] ONE = {1};

  /** What would be there, had a pickle been run. */
  private static final Path TRACE =
      Path.of(System.getProperty("java.io.tmpdir"), "tilework-ran-a-pickle");

  @TempDir Path folder;

  private static PickleWriter pickle() {
    return new PickleWriter();
  }

  /** A dictionary with one tensor of the storage "0", which has two floats. */
  private static PickleWriter tensor(
      String type, long n, long offset, long[] dims, long[] strides) {
    return pickle().op("}").text("a").tensor(type, "0", n, offset, dims, strides).op("s");
  }

  static Stream<Arguments> pickles() {
    PickleWriter deep = pickle().op("(]q").raw(0);
    for (int i = 0; i < 60; i++) {
      // Each list holds the one before twice: 2^60 items for whoever walks through it.
      deep.op("](h").raw(i).op("h").raw(i).op("eq").raw(i + 1);
    }
    return Stream.of(
        Arguments.of(
            "names posix.system",
            pickle().global("posix", "system").op("(").text("touch " + TRACE).op("tR")),
        Arguments.of("names os.system", pickle().global("os", "system").op("(").text("x").op("tR")),
        Arguments.of(
            "names __builtin__.eval",
            pickle().op("}").text("a").global("__builtin__", "eval").op("(").text("1").op("tRs")),
        Arguments.of(
            "names torchvision.models.resnet.ResNet",
            pickle().global("torchvision.models.resnet", "ResNet")),
        Arguments.of("names torch.load", pickle().global("torch", "load").op(")R")),
        Arguments.of("names torch.Floatstorage", pickle().global("torch", "Floatstorage")),
        Arguments.of(
            "names torch._utils._rebuild_qtensor",
            pickle().global("torch._utils", "_rebuild_qtensor")),
        Arguments.of(
            "makes an object of a class",
            pickle().op("(").text("x").op("i").raw('o', 's', '\n', 'x', '\n')),
        Arguments.of(
            "makes an object of a class", pickle().op("(").global("torch", "FloatStorage").op("o")),
        Arguments.of(
            "makes an object of a class",
            pickle().global("collections", "OrderedDict").op(")").raw(0x81)),
        Arguments.of("calls what is no function", pickle().text("f").op(")R")),
        Arguments.of(
            "calls what is no function", pickle().global("torch", "FloatStorage").op(")R")),
        Arguments.of(
            "no tuple of arguments", pickle().global("collections", "OrderedDict").op("]R")),
        Arguments.of(
            "OrderedDict is called with other",
            pickle().global("collections", "OrderedDict").op("(").number(1).op("tR")),
        Arguments.of("sets the state", pickle().op("}}").text("x").number(1).op("sb")),
        Arguments.of(
            "sets the state", pickle().orderedDict().op("}").text("__class__").number(1).op("sb")),
        Arguments.of(
            "sets the state", pickle().global("torch._utils", "_rebuild_parameter").op("}b")),
        Arguments.of("opcode 94", pickle().raw(0x94)),
        Arguments.of("opcode 93", pickle().raw(0x93)),
        Arguments.of("opcode 50", pickle().op("P0\n")),
        Arguments.of("protocol 4", pickle().raw(0x80, 4)),
        Arguments.of("cut short", pickle().op("J").raw(1, 2)),
        Arguments.of("a string of 4294967295 bytes", pickle().op("X").raw(255, 255, 255, 255)),
        Arguments.of("a string of 1048576 bytes", pickle().op("X").raw(0, 0, 16, 0)),
        Arguments.of("an integer of 200 bytes", pickle().raw(0x8a, 200)),
        Arguments.of("object 7, which was not remembered", pickle().op("h").raw(7)),
        Arguments.of(
            "object -1, which was not remembered", pickle().op("j").raw(255, 255, 255, 255)),
        Arguments.of("an object that is not there", pickle()),
        Arguments.of("an object that is not there", pickle().op("(0")),
        Arguments.of("an end without a beginning", pickle().op("t")),
        Arguments.of("more than one object", pickle().op("NN")),
        Arguments.of("appends to what is no list", pickle().op("}Na")),
        Arguments.of("sets items of what is no dictionary", pickle().op("]NNs")),
        Arguments.of("a key without a value", pickle().op("}(").text("a").op("u")),
        Arguments.of("neither a string nor an integer", pickle().op("})Ns")),
        Arguments.of("the key 'a' twice", pickle().op("}(").text("a").op("N").text("a").op("Nu")),
        Arguments.of("no dictionary of tensors", pickle().op("}")),
        Arguments.of("no dictionary of tensors", pickle().op("N")),
        Arguments.of(
            "no dictionary of tensors",
            pickle().op("}q").raw(1).text("model").op("h").raw(1).op("s")),
        Arguments.of("no dictionary of tensors", deep.op("t")),
        Arguments.of("is not that of a storage", pickle().op("NQ")),
        Arguments.of("is not that of a storage", pickle().op("(").text("module").op("NNNNtQ")),
        Arguments.of("no entry 'archive/data/9'", pickle().storage("FloatStorage", "9", 2)),
        Arguments.of(
            "no entry 'archive/data/../data.pkl'",
            pickle().storage("FloatStorage", "../data.pkl", 2)),
        Arguments.of("has 8 bytes, expected 3 elements", tensor("FloatStorage", 3, 0, TWO, ONE)),
        Arguments.of("has 8 bytes, expected 2 elements", tensor("DoubleStorage", 2, 0, TWO, ONE)),
        Arguments.of(
            "not that of a storage", tensor("DoubleStorage", Long.MAX_VALUE / 4, 0, TWO, ONE)),
        Arguments.of("not that of a storage", tensor("FloatStorage", -2, 0, TWO, ONE)),
        Arguments.of(
            "reaches from element 1 to 2 of storage '0'", tensor("FloatStorage", 2, 1, TWO, ONE)),
        Arguments.of("reaches from element 0 to 2", tensor("FloatStorage", 2, 0, TWO, TWO)),
        Arguments.of("reaches from element -1", tensor("FloatStorage", 2, -1, TWO, ONE)),
        Arguments.of(
            "a tensor's stride is no integer from 0",
            tensor("FloatStorage", 2, 1, TWO, new long[] {-1})),
        Arguments.of(
            "a tensor's extent is no integer from 0",
            tensor("FloatStorage", 2, 0, new long[] {-1}, ONE)),
        Arguments.of("as many strides", tensor("FloatStorage", 2, 0, TWO, new long[] {1, 1})),
        Arguments.of(
            "too large", tensor("FloatStorage", 2, 0, new long[] {1L << 40}, new long[] {0})),
        Arguments.of(
            "too large",
            tensor("FloatStorage", 2, 0, new long[] {3, 3}, new long[] {1L << 62, 1L << 62})),
        Arguments.of(
            "other arguments than a tensor",
            pickle().global("torch._utils", "_rebuild_parameter").op("NNN").raw(0x87).op("R")),
        Arguments.of(
            "other arguments than a storage",
            pickle().global("torch._utils", "_rebuild_tensor_v2").op(")R")));
  }

  @ParameterizedTest
  @MethodSource("pickles")
  void pickle(String reason, PickleWriter pickle) throws IOException {
    Path file = folder.resolve("bad.pth");
    TorchFiles.zip(file, pickle.end(), Map.of("0", new byte[8]), false);
    refused(file, reason);
    // The same in the format before PyTorch 1.6, where storages come behind the pickle.
    byte[] head = TorchFiles.legacyHead(true);
    byte[] body = pickle.end();
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    refused(Files.write(file, all), "");
    assertFalse(Files.exists(TRACE));
  }

  @Test
  void everyTruncation() throws IOException {
    Map<String, TorchFiles.Dense> state = Map.of("a", TorchFiles.counting(2, 3));
    Path zip = TorchFiles.zip(folder.resolve("z.pth"), state);
    Path legacy = TorchFiles.legacy(folder.resolve("l.pth"), state);
    for (Path whole : new Path[] {zip, legacy}) {
      byte[] bytes = Files.readAllBytes(whole);
      try (TorchWeights w = TorchWeights.open(whole)) {
        w.read("a", Devices.cpu()).close();
      }
      Path file = folder.resolve("bad.pth");
      for (int n = 0; n < bytes.length; n++) {
        refused(Files.write(file, Arrays.copyOf(bytes, n)), "");
      }
    }
  }

  /** Whatever one byte is turned into, the answer is the tensor or a reason. */
  @Test
  void everyDamagedByte() throws IOException {
    Map<String, TorchFiles.Dense> state = Map.of("a", TorchFiles.counting(2, 3));
    byte[] pickle = TorchFiles.stateDict(new PickleWriter(), state).end();
    Path zip = folder.resolve("z.pth");
    for (boolean deflated : new boolean[] {false, true}) {
      TorchFiles.zip(zip, pickle, TorchFiles.storages(state), deflated);
      damage(Files.readAllBytes(zip));
    }
    damage(Files.readAllBytes(TorchFiles.legacy(folder.resolve("l.pth"), state)));
  }

  private void damage(byte[] bytes) throws IOException {
    Path file = folder.resolve("bad.pth");
    for (int i = 0; i < bytes.length; i++) {
      byte before = bytes[i];
      int[] values = {0, 0xFF, before ^ 1};
      bytes[i] = (byte) values[i % 3];
      Files.write(file, bytes);
      try (TorchWeights w = TorchWeights.open(file)) {
        for (String name : w.names()) {
          w.read(name, Devices.cpu()).close();
        }
      } catch (FormatException e) {
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
      }
      bytes[i] = before;
    }
  }

  @Test
  void otherFormats() throws IOException {
    Path file = folder.resolve("bad.pth");
    byte[] tar = new byte[1024];
    System.arraycopy("storages".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    refused(Files.write(file, tar), "tar file");
    refused(file, "torch.save(torch.load(old");
    refused(Files.write(file, new PickleWriter().op("N").end()), "not one that torch.save wrote");
    refused(Files.writeString(file, "\u0089HDF\r\n......", StandardCharsets.ISO_8859_1), "HDF5");
    refused(Files.write(file, new byte[0]), "too few");
  }

  @Test
  void zipsThatAreNoCheckpoints() throws IOException {
    byte[] pickle = TorchFiles.stateDict(new PickleWriter(), Map.of()).end();
    Path file = folder.resolve("bad.pth");
    Map<String, byte[]> e = new LinkedHashMap<>();
    e.put("a/code.py", new byte[0]);
    refused(Files.write(file, TorchFiles.zip(e, false)), "0 entries NAME/data.pkl");
    e.put("a/data.pkl", pickle);
    e.put("b/data.pkl", pickle);
    refused(Files.write(file, TorchFiles.zip(e, false)), "2 entries NAME/data.pkl");
    e.remove("b/data.pkl");
    e.put("a/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    refused(Files.write(file, TorchFiles.zip(e, false)), "not little-endian");
    e.put("a/constants.pkl", pickle);
    refused(Files.write(file, TorchFiles.zip(e, false)), "TorchScript");
    byte[] head = TorchFiles.legacyHead(false);
    refused(Files.write(file, head), "not little-endian");
  }

  @Test
  void bombsAndContradictionsOfZips() throws IOException {
    Path file = folder.resolve("bad.pth");
    Map<String, byte[]> e = new LinkedHashMap<>();
    e.put("a/data.pkl", new byte[65 << 20]);
    refused(Files.write(file, TorchFiles.zip(e, true)), "at most 67108864 are read");
    e.put("a/data.pkl", new byte[100]);
    e.put("a/data.pkk", new byte[100]);
    byte[] zip = TorchFiles.zip(e, false);
    String text = new String(zip, StandardCharsets.ISO_8859_1);
    int second = text.lastIndexOf("a/data.pkk");
    byte[] twice = zip.clone();
    twice[second + 9] = 'l';
    refused(Files.write(file, twice), "two entries are named 'a/data.pkl'");
    byte[] overlap = zip.clone();
    ByteBuffer.wrap(overlap).order(ByteOrder.LITTLE_ENDIAN).putInt(second - 46 + 42, 0);
    refused(Files.write(file, overlap), "overlaps");
    byte[] encrypted = zip.clone();
    encrypted[second - 46 + 8] |= 1;
    refused(Files.write(file, encrypted), "encrypted");
    byte[] packed = zip.clone();
    packed[second - 46 + 10] = 12;
    refused(Files.write(file, packed), "packed by method 12");
    byte[] many = zip.clone();
    ByteBuffer.wrap(many).order(ByteOrder.LITTLE_ENDIAN).putShort(zip.length - 12, (short) 0xFFFE);
    refused(Files.write(file, many), "65534 entries");
    byte[] claims = TorchFiles.zip(e, true);
    int at = new String(claims, StandardCharsets.ISO_8859_1).indexOf("PK\u0001\u0002");
    ByteBuffer.wrap(claims).order(ByteOrder.LITTLE_ENDIAN).putInt(at + 24, 50 << 20);
    refused(Files.write(file, claims), "claims to inflate");
  }

  @Test
  void aWrongChecksumIsNoticedWhenTheNumbersAreRead() throws IOException {
    Path file = TorchFiles.zip(folder.resolve("c.pth"), Map.of("a", TorchFiles.counting(3)));
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.indexOf("archive/data/0") + 14 + 2] ^= 64;
    Files.write(file, bytes);
    try (TorchWeights w = TorchWeights.open(file)) {
      var e = assertThrows(FormatException.class, () -> w.read("a", Devices.cpu()));
      assertTrue(e.getMessage().contains("checksum of entry 'archive/data/0'"), e.getMessage());
    }
  }

  private static void refused(Path file, String reason) {
    var e = assertThrows(FormatException.class, () -> TorchWeights.open(file).close(), reason);
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage() + "\nexpected " + reason);
  }
}
