package dev.tilework.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.Tensor;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.Weights;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that a training run needs to go on as if it had not been stopped, in one safetensors file:
 * the state of model and optimizer, the position, and a description of the run that must be the
 * same for the result to be the same. A save replaces the file as a whole or leaves it as it was.
 */
final class Checkpoint {
  private static final String KEY = "tilework.checkpoint";
  private static final ObjectMapper JSON = new ObjectMapper();

  private Checkpoint() {}

  /** What stands in the metadata beside the tensors. */
  record Content(Position position, int optimizerSteps, Map<String, String> run) {}

  static void save(
      Path file, Module model, Optimizer optimizer, Content content, Map<String, String> metadata)
      throws IOException {
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(KEY, JSON.writeValueAsString(content));
    Weights.save(file, tensors(model, optimizer), all);
  }

  /**
   * Overwrites the state of model and optimizer.
   *
   * @param run the description of this run
   * @return the position
   * @throws IllegalArgumentException when the file is of another kind of run
   * @throws IOException when it cannot be read; then nothing is changed
   */
  static Position load(Path file, Module model, Optimizer optimizer, Map<String, String> run)
      throws IOException {
    Content content = content(file);
    StringBuilder differences = new StringBuilder();
    run.forEach(
        (key, value) -> {
          String saved = content.run().get(key);
          if (!value.equals(saved)) {
            differences.append("\n  ").append(key).append(": ").append(saved);
            differences.append(" in the checkpoint, ").append(value).append(" now");
          }
        });
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          file + " cannot be resumed, the run has other settings:" + differences);
    }
    Weights.load(file, tensors(model, optimizer));
    optimizer.resumeAt(content.optimizerSteps());
    return content.position();
  }

  private static Content content(Path file) throws IOException {
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      String json = f.metadata().get(KEY);
      if (json == null) {
        throw new IllegalArgumentException(
            file + " is no checkpoint: its metadata has no '" + KEY + "'");
      }
      return JSON.readValue(json, Content.class);
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": its metadata '" + KEY + "' cannot be read", e);
    }
  }

  private static Map<String, Tensor> tensors(Module model, Optimizer optimizer) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    model.state().forEach((name, t) -> all.put("model." + name, t));
    optimizer.state().forEach((name, t) -> all.put("optimizer." + name, t));
    return all;
  }
}
