package dev.tilework.transfer;

import dev.tilework.Tensor;
import dev.tilework.data.CorruptImageException;
import dev.tilework.data.DataLoader;
import dev.tilework.data.Dataset;
import dev.tilework.nn.Module;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** What {@link Features} depend on, as a text that is equal when they are. */
public final class FeatureKey {
  /** Images of which every pixel counts; of all others the name and label. */
  private static final int LOOKED_AT = 32;

  private FeatureKey() {}

  /**
   * A digest (SHA-256) of every number of the network below its classifier, of the normalization,
   * of all names and labels of the data set, and of the pixels of 32 images spread over it. Reading
   * all images would cost what a cache of features saves: when other images take the names of old
   * ones, delete the cache.
   */
  public static String of(Module network, DataLoader loader) {
    MessageDigest digest = sha256();
    String classifier = Transfer.classifierName(network);
    for (Map.Entry<String, Tensor> e : network.state().entrySet()) {
      if (!e.getKey().startsWith(classifier + ".")) {
        add(digest, e.getKey());
        byte[] bytes = new byte[Math.toIntExact(e.getValue().spec().bytes())];
        e.getValue().read(MemorySegment.ofArray(bytes));
        digest.update(bytes);
      }
    }
    Dataset data = loader.data();
    add(digest, loader.options().normalization() + " " + loader.options().augmentation());
    add(digest, data.imageSize() + " " + data.classes());
    for (int i = 0; i < data.size(); i++) {
      add(digest, data.label(i) + " " + data.name(i));
    }
    int n = Math.min(LOOKED_AT, data.size());
    for (int i = 0; i < n; i++) {
      try {
        digest.update(data.sample((int) ((long) i * data.size() / n)).pixels());
      } catch (CorruptImageException e) {
        add(digest, e.reason());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
