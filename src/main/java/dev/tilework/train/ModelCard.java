package dev.tilework.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import java.util.List;
import java.util.Map;

/**
 * What must be known of trained weights to use them. It stands in the metadata of the files that
 * {@link Trainer} writes.
 *
 * @param model the name of the network
 * @param classes the names of the classes, in the order of the logits
 * @param imageSize the extents of the images
 * @param normalization of their bytes
 */
public record ModelCard(
    String model, List<String> classes, ImageSize imageSize, Normalization normalization) {
  private static final String KEY = "tilework.model";

  /** Copies the list. */
  public ModelCard {
    classes = List.copyOf(classes);
  }

  /** As metadata of a file. */
  public Map<String, String> toMetadata() {
    try {
      return Map.of(KEY, new ObjectMapper().writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model card cannot be written as JSON", e);
    }
  }

  /**
   * From the metadata of a file.
   *
   * @throws IllegalArgumentException when there is no card in it
   */
  public static ModelCard of(Map<String, String> metadata) {
    String json = metadata.get(KEY);
    if (json == null) {
      throw new IllegalArgumentException(
          "the file's metadata has no '" + KEY + "'; it was not written by a training run");
    }
    try {
      return new ObjectMapper().readValue(json, ModelCard.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the file's metadata '" + KEY + "' cannot be read", e);
    }
  }
}
