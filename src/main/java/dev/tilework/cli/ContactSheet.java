package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.data.Augmentation;
import dev.tilework.data.Batch;
import dev.tilework.data.CorruptImageException;
import dev.tilework.data.DataLoader;
import dev.tilework.data.Dataset;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Images in the first column, and in each further one what an epoch's changes make of them. */
final class ContactSheet {
  private static final Color INK = new Color(0x333333);
  private static final int LEAST_CELL = 64;
  private static final int GAP = 6;
  private static final int LINE = 14;
  private static final int LABELS = 80;
  private static final int FONT = 10;

  private final ImageSize size;
  private final int cell;
  private final boolean captions;
  private final BufferedImage sheet;
  private final Graphics2D pen;

  private ContactSheet(ImageSize size, int rows, int columns, boolean captions) {
    this.size = size;
    this.captions = captions;
    // Whole multiples, so that pixels stay what they are.
    this.cell = size.width() * Math.ceilDiv(LEAST_CELL, size.width());
    int width = LABELS + (1 + columns) * (cell + GAP);
    sheet = new BufferedImage(width, LINE + GAP + rows * pitch(), BufferedImage.TYPE_INT_RGB);
    pen = sheet.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT));
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    pen.setColor(INK);
    try {
      pen.getFontMetrics();
    } catch (LinkageError | InternalError | NullPointerException e) {
      // So the JDK fails where the system has no fonts at all.
      throw new UserError(
          "pictures cannot be drawn (" + e + "); install fonts: fontconfig and fonts-dejavu-core",
          e);
    }
  }

  /** Draws the images of a data set, and what a loader makes of them in each of some epochs. */
  static ContactSheet of(
      Dataset data, Augmentation a, Normalization n, long seed, int columns, Device device) {
    ContactSheet sheet = new ContactSheet(data.imageSize(), data.size(), columns, a.mixes());
    var options = new DataLoader.Options(data.size(), false, a, n, seed, 1, 1);
    try (DataLoader loader = new DataLoader(data, options)) {
      sheet.text("original", 1, 0, -1);
      sheet.originals(data);
      for (int epoch = 0; epoch < columns; epoch++) {
        sheet.text(String.valueOf(epoch + 1), epoch + 2, 0, -1);
        try (DataLoader.Batches batches = loader.epoch(epoch)) {
          if (batches.hasNext()) {
            sheet.column(batches.next(), epoch + 2, n, data.classes(), device);
          }
        }
      }
    } finally {
      sheet.pen.dispose();
    }
    return sheet;
  }

  private void originals(Dataset data) {
    for (int row = 0; row < data.size(); row++) {
      text(data.classes().get(data.label(row)), 0, row, cell / 2);
      try {
        image(data.sample(row).pixels(), 1, row);
      } catch (CorruptImageException e) {
        text("unreadable", 1, row, cell / 2);
      }
    }
  }

  private void column(Batch b, int column, Normalization n, List<String> classes, Device device) {
    float[] values;
    try (Tensor t = b.images(device)) {
      values = t.toArray();
    }
    float[] p = b.probabilities();
    for (int i = 0; i < b.size(); i++) {
      int row = b.samples()[i];
      image(bytes(values, i, n), column, row);
      String words = words(p, i, classes);
      if (captions && words != null) {
        text(words, column, row, cell + LINE - 4);
      }
    }
  }

  /** Back to bytes; values that no byte can have become the nearest that can. */
  private byte[] bytes(float[] values, int image, Normalization n) {
    byte[] out = new byte[size.bytes()];
    for (int i = 0; i < out.length; i++) {
      int c = i % size.channels();
      double v = values[image * out.length + i] * n.deviation().get(c) + n.mean().get(c);
      out[i] = (byte) Math.round(255 * Math.clamp(v, 0, 1));
    }
    return out;
  }

  /** The larger of two classes and its share; null where an image is of one class. */
  private static String words(float[] probabilities, int image, List<String> classes) {
    int from = image * classes.size();
    List<Integer> order = new ArrayList<>(IntStream.range(0, classes.size()).boxed().toList());
    order.sort((i, j) -> Float.compare(probabilities[from + j], probabilities[from + i]));
    int first = order.getFirst();
    long percent = Math.round(100 * probabilities[from + first]);
    return percent == 100 ? null : percent + "% " + classes.get(first);
  }

  private int pitch() {
    return cell + GAP + (captions ? LINE : 0);
  }

  private int x(int column) {
    return column == 0 ? GAP : LABELS + (column - 1) * (cell + GAP);
  }

  private int y(int row) {
    return LINE + GAP + row * pitch();
  }

  /** Text in a cell, its base line so many pixels below the cell's top. */
  private void text(String words, int column, int row, int below) {
    int room = column == 0 ? LABELS - 2 * GAP : cell;
    String shown = words;
    while (shown.length() > 1 && pen.getFontMetrics().stringWidth(shown) > room) {
      shown = shown.substring(0, shown.length() - 1);
    }
    pen.drawString(shown, x(column), y(row) + below - (below < 0 ? GAP / 2 : 0));
  }

  private void image(byte[] pixels, int column, int row) {
    BufferedImage b = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < size.width() * size.height(); i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | pixels[i * size.channels() + Math.min(c, size.channels() - 1)] & 0xFF;
      }
      b.setRGB(i % size.width(), i / size.width(), rgb);
    }
    pen.drawImage(b, x(column), y(row), cell, cell * size.height() / size.width(), null);
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    if (!ImageIO.write(sheet, "png", file.toFile())) {
      throw new IOException("this JDK writes no PNG files");
    }
  }
}
