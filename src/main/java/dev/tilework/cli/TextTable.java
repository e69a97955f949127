package dev.tilework.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table of text: columns as wide as their longest cell, those of numbers aligned right. */
final class TextTable {
  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] right;

  /** A table with a heading for each column; a heading that begins with '>' aligns right. */
  TextTable(String... headings) {
    right = new boolean[headings.length];
    String[] first = headings.clone();
    for (int i = 0; i < first.length; i++) {
      right[i] = first[i].startsWith(">");
      first[i] = right[i] ? first[i].substring(1) : first[i];
    }
    rows.add(first);
  }

  void row(String... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(cells.length + " cells in " + right.length + " columns");
    }
    rows.add(cells.clone());
  }

  void print(PrintWriter out) {
    int[] width = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        String fill = " ".repeat(width[i] - row[i].length());
        line.append(i == 0 ? "" : "  ").append(right[i] ? fill + row[i] : row[i] + fill);
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }
}
