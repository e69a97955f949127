package dev.tilework.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.HeatMap;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

class HtmlReportTest {
  private static final Set<String> ATTRIBUTES_WITH_ADDRESS =
      Set.of("src", "href", "srcset", "data", "action", "poster", "background", "xlink:href");

  @TempDir Path folder;

  static Document parse(String html) throws Exception {
    DocumentBuilder b = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    b.setErrorHandler(new DefaultHandler());
    return b.parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document d, String name) {
    NodeList n = d.getElementsByTagName(name);
    return java.util.stream.IntStream.range(0, n.getLength())
        .mapToObj(i -> (Element) n.item(i))
        .toList();
  }

  @Test
  void isWellFormedAndHasEveryPart() throws Exception {
    Document d = parse(Example.hostile().report().html());
    assertEquals(
        List.of(
            "Classes",
            "Confusion matrix",
            "Worst mistakes",
            "Where the network looks",
            "Curves",
            "Calibration",
            "Training"),
        elements(d, "h2").stream().map(Element::getTextContent).toList());
    assertEquals(10 + 3, elements(d, "tr").size() - 1, "classes and averages");
    for (Element svg : elements(d, "svg")) {
      assertEquals("img", svg.getAttribute("role"));
      assertFalse(svg.getAttribute("aria-label").isEmpty());
    }
    for (Element img : elements(d, "img")) {
      assertFalse(img.getAttribute("alt").isEmpty());
    }
  }

  @Test
  void needsNothingButItself() throws Exception {
    Document d = parse(Example.hostile().report().html());
    for (Element e : elements(d, "*")) {
      for (int i = 0; i < e.getAttributes().getLength(); i++) {
        String name = e.getAttributes().item(i).getNodeName();
        String value = e.getAttributes().item(i).getNodeValue();
        assertFalse(name.startsWith("on"), name);
        assertTrue(
            !ATTRIBUTES_WITH_ADDRESS.contains(name) || value.startsWith("data:image/"), value);
        assertFalse(name.equals("style") && value.contains("url("), value);
      }
    }
    for (String tag : List.of("script", "link", "iframe", "object", "embed", "base", "form")) {
      assertEquals(List.of(), elements(d, tag));
    }
    for (Element style : elements(d, "style")) {
      assertFalse(
          Pattern.compile("(?i)url\\(|@import|http").matcher(style.getTextContent()).find());
    }
  }

  /** The one place where an address may stand is text: a class is named so. */
  @Test
  void namesAreTextAndNothingElse() throws Exception {
    Document hostile = parse(Example.hostile().report().html());
    Document plain = parse(Example.of(120, 16, Example.many(10)).report().html());
    // Names change no element. (Those of a kind, as a picture of equal counts.)
    assertEquals(tags(plain), tags(hostile));
    List<String> rows =
        elements(hostile, "th").stream()
            .filter(e -> e.getAttribute("scope").equals("row"))
            .map(Element::getTextContent)
            .toList();
    for (int c = 0; c < Example.NAMES.size(); c++) {
      String shown = Example.NAMES.get(c).replaceAll("[\u0000\u0007\uD800]", "\uFFFD");
      assertEquals(shown.replace("\uFFFD", "?"), rows.get(c).replace("\uFFFD", "?"));
    }
    assertEquals(Example.SCRIPT + " & co", elements(hostile, "h1").getFirst().getTextContent());
  }

  private static List<String> tags(Document d) {
    return elements(d, "*").stream().map(Element::getTagName).toList();
  }

  @Test
  void picturesAreOfTheImages() throws Exception {
    Example e = Example.hostile();
    Document d = parse(e.report().html());
    Element first = elements(d, "img").getFirst();
    byte[] png =
        Base64.getDecoder().decode(first.getAttribute("src").replace("data:image/png;base64,", ""));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    int worst = e.predictions().mistakes(1).getFirst();
    byte[] pixels = e.data().sample(e.predictions().sample(worst)).pixels();
    for (int p = 0; p < 16 * 16; p++) {
      int rgb = image.getRGB(p % 16, p / 16);
      for (int c = 0; c < 3; c++) {
        assertEquals(pixels[3 * p + c] & 0xFF, rgb >> (16 - 8 * c) & 0xFF, "pixel " + p);
      }
    }
  }

  @Test
  void largeImagesAreMadeSmallerByTheMean() {
    ImageSize size = new ImageSize(448, 224, 1);
    byte[] pixels = new byte[size.bytes()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 224 % 2 * 100 + i % 224 % 2 * 50);
    }
    BufferedImage b = Pixels.thumbnail(pixels, size);
    assertEquals(224, b.getHeight());
    assertEquals(112, b.getWidth());
    assertEquals(0xFF4B4B4B, b.getRGB(55, 100));
    assertThrows(
        IllegalArgumentException.class,
        () -> Pixels.thumbnail(new byte[8], new ImageSize(2, 2, 2)));
  }

  @Test
  void heatIsBrightWhereTheMapIsHigh() {
    BufferedImage grey = new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB);
    BufferedImage b = Pixels.overlay(grey, new HeatMap(2, 2, new float[] {0, 0, 0, 7}));
    assertEquals(160, b.getWidth());
    assertTrue(brightness(b.getRGB(150, 150)) > brightness(b.getRGB(100, 100)));
    assertTrue(brightness(b.getRGB(100, 100)) > brightness(b.getRGB(5, 5)) + 20);
  }

  private static int brightness(int rgb) {
    return (rgb >> 16 & 0xFF) + (rgb >> 8 & 0xFF) + (rgb & 0xFF);
  }

  @Test
  void smallCasesHaveAReportToo() throws Exception {
    // One image, one class.
    Predictions one = new Predictions(List.of("only"));
    one.add(new float[] {3}, new int[] {0}, new int[] {0});
    Document d = parse(new HtmlReport("one", one.report()).html());
    assertTrue(d.getDocumentElement().getTextContent().contains("1 of 1 images"));
    // No mistake, a history of one epoch, a class without images.
    Predictions right = new Predictions(List.of("a", "b", "c"));
    right.add(new float[] {9, 0, 0, 0, 9, 0}, new int[] {0, 1}, new int[] {0, 1});
    String html =
        new HtmlReport("right", right.report())
            .withHistory(Example.history(1))
            .withMistakes(right, Example.of(3, 8, List.of("a", "b", "c")).data(), 5)
            .html();
    Set<String> headings = new TreeSet<>();
    elements(parse(html), "h2").forEach(h -> headings.add(h.getTextContent()));
    assertFalse(headings.contains("Worst mistakes"), "there is none");
    assertTrue(headings.contains("Training"));
    assertFalse(html.contains("NaN"), "undefined numbers are dashes");
  }

  @Test
  void sharesAreNotRoundedToAllOrNone() {
    assertEquals("100.0%", Markup.percent(1));
    assertEquals(">99.9%", Markup.percent(0.99995));
    assertEquals("99.9%", Markup.percent(0.9989));
    assertEquals("<0.1%", Markup.percent(1e-9));
    assertEquals("0.0%", Markup.percent(0));
  }

  @Test
  void badInputIsNamed() {
    Predictions p = new Predictions(List.of("a", "b"));
    p.add(new float[] {1, 0}, new int[] {0}, new int[] {0});
    HtmlReport r = new HtmlReport("x", p.report());
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> r.withMistakes(p, new GeneratedShapes(10, 1), 3));
    assertTrue(e.getMessage().contains("[a, b]"), e.getMessage());
    Path file = folder.resolve("file");
    assertThrows(
        UncheckedIOException.class,
        () -> {
          Files.writeString(file, "");
          r.write(file.resolve("report.html"));
        });
  }
}
