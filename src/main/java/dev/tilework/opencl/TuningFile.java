package dev.tilework.opencl;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tilework.kernels.Tunable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A device's tuning on disk, as JSON.
 *
 * @param device the device's name
 * @param driver the version of its driver
 * @param profile the kernels that were measured
 * @param date when
 * @param parameters the values, by their names
 * @param measured what they gained
 */
record TuningFile(
    String device,
    String driver,
    Profile profile,
    String date,
    Map<String, Integer> parameters,
    List<Tunable.Rate> measured) {
  private static final System.Logger LOG = System.getLogger("dev.tilework.opencl");
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);

  static TuningFile of(ClDevice d, Profile profile, String date, Tuner.Result found) {
    Map<String, Integer> values = new TreeMap<>();
    for (Parameter p : Parameter.values()) {
      if (p.matters(profile)) {
        values.put(p.name(), found.tuning().get(p));
      }
    }
    return new TuningFile(d.name(), d.driver(), profile, date, values, found.rates());
  }

  /** Where a device's tuning is looked for. */
  static Path standard(ClDevice d, Profile profile) {
    String name = d.name() + (profile == d.usual() ? "" : "-" + profile);
    name = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return Path.of(System.getProperty("user.home"), ".tilework", "opencl", name + ".json");
  }

  /**
   * The values to use on a device: those of the file that {@code -Dtilework.opencl.tuning} names,
   * else of the device's own, else the standard ones. Never throws: what is wrong with a file is
   * logged.
   */
  static Tuning find(ClDevice d, Profile profile) {
    String named = System.getProperty("tilework.opencl.tuning");
    Tuning standard = Tuning.standard(profile, d);
    try {
      Path file = named == null ? standard(d, profile) : Path.of(named);
      if (named == null && !Files.exists(file)) {
        return standard;
      }
      return read(file).tuning(d, profile);
    } catch (IOException | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} is not tuned: {1}",
          d.name(),
          e instanceof IllegalArgumentException ? e.getMessage() : e);
      return standard;
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException where it does not hold a tuning
   */
  static TuningFile read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    TuningFile t;
    try {
      t = MAPPER.readValue(bytes, TuningFile.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + " holds no tuning: " + e.getOriginalMessage(), e);
    }
    if (t == null || t.device == null || t.profile == null || t.parameters == null) {
      throw new IllegalArgumentException(
          file + " holds no tuning: expected \"device\", \"profile\" and \"parameters\"");
    }
    return t;
  }

  /**
   * Makes the folder of a file.
   *
   * @throws IOException where no file can be written into it
   */
  static Path folder(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    if (!Files.isWritable(folder)) {
      throw new AccessDeniedException(folder.toString());
    }
    return folder;
  }

  /** Writes the file; it is there complete or not at all. */
  void write(Path file) throws IOException {
    Path folder = folder(file);
    Path part = Files.createTempFile(folder, file.getFileName().toString(), ".part");
    try {
      Files.write(part, MAPPER.writeValueAsBytes(this));
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * The values, and the standard ones for parameters that the file does not name.
   *
   * @throws IllegalArgumentException where they are not for the device, or not possible on it
   */
  Tuning tuning(ClDevice d, Profile wanted) {
    if (!device.equals(d.name()) || profile != wanted) {
      throw new IllegalArgumentException(
          "the tuning is for "
              + device
              + " with kernels for a "
              + profile
              + "; this is "
              + d.name()
              + " with kernels for a "
              + wanted);
    }
    Tuning t = Tuning.standard(profile, d);
    for (Map.Entry<String, Integer> e : parameters.entrySet()) {
      if (e.getValue() == null) {
        throw new IllegalArgumentException(e.getKey() + " has no value");
      }
      t = t.with(Parameter.named(e.getKey()), e.getValue());
    }
    String illegal = t.illegal(profile, d);
    if (illegal != null) {
      throw new IllegalArgumentException("the tuning does not fit " + d.name() + ": " + illegal);
    }
    return t;
  }
}
