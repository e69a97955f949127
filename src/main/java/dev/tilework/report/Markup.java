package dev.tilework.report;

import java.util.Locale;

/**
 * Writes HTML that is well-formed XML too. Text and values of attributes are escaped here and
 * nowhere else.
 */
final class Markup {
  private final StringBuilder out = new StringBuilder();

  /** An opening tag; attributes by name and value, a null value leaves one out. */
  Markup open(String tag, Object... attributes) {
    out.append('<').append(tag);
    attributes(attributes);
    out.append('>');
    return this;
  }

  /** A tag that never has content in HTML, or one of a drawing. */
  Markup empty(String tag, Object... attributes) {
    out.append('<').append(tag);
    attributes(attributes);
    out.append("/>");
    return this;
  }

  private void attributes(Object... attributes) {
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        Object v = attributes[i + 1];
        String value = v instanceof Double d ? number(d) : v.toString();
        out.append(' ').append(attributes[i]).append("=\"").append(escape(value)).append('"');
      }
    }
  }

  /** A closing tag. */
  Markup close(String tag) {
    out.append("</").append(tag).append('>');
    return this;
  }

  /** Text, escaped. */
  Markup text(String text) {
    out.append(escape(text));
    return this;
  }

  /** A tag around text. */
  Markup element(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close(tag);
  }

  /** What is markup already. */
  Markup add(Markup part) {
    out.append(part.out);
    return this;
  }

  /** What is trusted markup already: constants of this package. */
  Markup raw(String markup) {
    out.append(markup);
    return this;
  }

  /** A new line, for those who read the source. */
  Markup line() {
    out.append('\n');
    return this;
  }

  /** What XML does not allow at all becomes the replacement character. */
  static String escape(String text) {
    StringBuilder b = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> b.append("&amp;");
                case '<' -> b.append("&lt;");
                case '>' -> b.append("&gt;");
                case '"' -> b.append("&quot;");
                case '\'' -> b.append("&#39;");
                default -> b.appendCodePoint(isXml(c) ? c : 0xFFFD);
              }
            });
    return b.toString();
  }

  private static boolean isXml(int c) {
    return c == '\t'
        || c == '\n'
        || c >= 0x20 && c < 0x7F
        || c >= 0xA0 && c < 0xD800
        || c > 0xDFFF && c < 0xFFFE
        || c > 0xFFFF;
  }

  /** A number of a drawing: two decimals at most. */
  static String number(double v) {
    String s = String.format(Locale.ROOT, "%.2f", v);
    return s.endsWith(".00") ? s.substring(0, s.length() - 3) : s;
  }

  /** One decimal; what is not all is not rounded to all, nor what is not none to none. */
  static String percent(double share) {
    if (share > 0.999 && share < 1) {
      return ">99.9%";
    }
    return share > 0 && share < 0.001 ? "<0.1%" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /** Four decimals, or a dash where there is no number. */
  static String measure(double v) {
    return Double.isNaN(v) ? "–" : String.format(Locale.ROOT, "%.4f", v);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
