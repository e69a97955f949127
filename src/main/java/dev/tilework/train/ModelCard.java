package dev.tilework.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Preprocessing;
import dev.tilework.data.Scaling;
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
 * @param scaling of image files before they are cut to the size; null where they just cover it
 */
public record ModelCard(
    String model,
    List<String> classes,
    ImageSize imageSize,
    Normalization normalization,
    Scaling scaling) {
  private static final String KEY = "tilework.model";

  /** Copies the list. */
  public ModelCard {
    classes = List.copyOf(classes);
  }

  /** For images that are scaled until they just cover the size. */
  public ModelCard(
      String model, List<String> classes, ImageSize imageSize, Normalization normalization) {
    this(model, classes, imageSize, normalization, null);
  }

  /** For images that are prepared in a given way. */
  public static ModelCard of(String model, List<String> classes, Preprocessing p) {
    return new ModelCard(model, classes, p.imageSize(), p.normalization(), p.scaling());
  }

  /** From an image file to the network's input. */
  public Preprocessing preprocessing() {
    return new Preprocessing(scaling, imageSize, normalization);
  }

  /** As metadata of a file. */
  public Map<String, String> toMetadata() {
    try {
      return Map.of(KEY, new ObjectMapper().writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a model card cannot be written as JSON", e);
    }
  }

  /** Whether there is a card in the metadata of a file. */
  public static boolean isIn(Map<String, String> metadata) {
    return metadata.containsKey(KEY);
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
