package dev.tilework.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a browser shows it. */
class BrowserTest {
  /** The contrast of WCAG 2.1 for text of normal size. */
  private static final double CONTRAST = 4.5;

  @TempDir static Path folder;
  private static Chromium browser;
  private static Path page;
  private static String html;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> program = Chromium.find();
    if (program.isEmpty()) {
      return; // and each test says that it is skipped
    }
    Path profile = Files.createDirectory(folder.resolve("profile"));
    html = Example.hostile().report().html();
    page = Files.writeString(folder.resolve("report.html"), html);
    browser = new Chromium(program.get(), profile);
  }

  @BeforeEach
  void requireBrowser() {
    Assumptions.assumeTrue(
        browser != null, "no Chromium on the path; install the package chromium");
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void opensWithoutAComplaint() throws Exception {
    open("light", 1200);
    assertQuiet();
    for (JsonNode r : browser.events("Network.requestWillBeSent")) {
      String url = r.get("request").get("url").asText();
      assertTrue(url.startsWith("data:") || url.equals(page.toUri().toString()), url);
    }
  }

  @Test
  void complaintsAreNoticed() throws Exception {
    Path bad = folder.resolve("bad.html");
    Files.writeString(bad, html.replace("<header>", "<header><img src=\"missing.png\"/>"));
    browser.open(bad);
    assertTrue(!browser.events("Log.entryAdded").isEmpty(), "a picture that its policy keeps away");
  }

  @Test
  void everyPictureIsVisible() throws Exception {
    open("light", 1200);
    JsonNode images =
        browser.evaluate(
            "[...document.images].map(i => [i.complete && i.naturalWidth, i.getBoundingClientRect()"
                + ".width, i.alt])");
    // Seven mistakes; six hits with a map, three mistakes with two.
    assertEquals(7 + 6 * 2 + 3 * 3, images.size());
    for (JsonNode i : images) {
      assertTrue(i.get(0).asInt() > 0, "an image is not shown: " + i);
      assertTrue(i.get(1).asDouble() >= 60, "an image is too small: " + i);
      assertTrue(!i.get(2).asText().isEmpty(), "an image without words for it");
    }
    JsonNode drawings =
        browser.evaluate(
            "[...document.querySelectorAll('svg')].map(s => { const b = s.getBBox(), r ="
                + " s.getBoundingClientRect(); return [b.width, b.height, r.width, r.height,"
                + " s.viewBox.baseVal.width, s.viewBox.baseVal.height, b.x, b.y] })");
    // Matrix, ROC, precision and recall, reliability, confidence, loss, accuracy.
    assertEquals(7, drawings.size());
    for (JsonNode d : drawings) {
      for (int i = 0; i < 4; i++) {
        assertTrue(d.get(i).asDouble() > 100, "a drawing has no extent: " + d);
      }
      double right = d.get(6).asDouble() + d.get(0).asDouble();
      double bottom = d.get(7).asDouble() + d.get(1).asDouble();
      assertTrue(d.get(6).asDouble() >= 0 && d.get(7).asDouble() >= 0, "cut off: " + d);
      assertTrue(right <= d.get(4).asDouble() && bottom <= d.get(5).asDouble(), "cut off: " + d);
    }
  }

  @Test
  void theBrowserSeesTheElementsThatWereWritten() throws Exception {
    open("light", 1200);
    int written = HtmlReportTest.parse(html).getElementsByTagName("*").getLength();
    assertEquals(written, browser.evaluate("document.querySelectorAll('*').length").asInt());
    assertEquals(0, browser.evaluate("document.scripts.length").asInt());
    String text = browser.evaluate("document.body.textContent").asText();
    for (String name : List.of(Example.SCRIPT, Example.NAMES.get(1), Example.NAMES.get(3))) {
      assertTrue(text.contains(name), name);
    }
  }

  @Test
  void lightAndDarkCanBothBeRead() throws Exception {
    String background = "getComputedStyle(document.body).backgroundColor";
    open("light", 1200);
    assertContrast("light");
    String light = browser.evaluate(background).asText();
    open("dark", 1200);
    assertContrast("dark");
    assertNotEquals(light, browser.evaluate(background).asText());
  }

  @Test
  void fitsATelephone() throws Exception {
    open("light", 360);
    JsonNode w = browser.evaluate("[document.documentElement.scrollWidth, innerWidth]");
    assertTrue(w.get(0).asInt() <= w.get(1).asInt(), "scrolls sideways: " + w);
  }

  @Test
  void manyClassesAreShownToo() throws Exception {
    Path file = folder.resolve("many.html");
    Example e = Example.of(400, 8, Example.many(200));
    new HtmlReport("many", e.predictions().report()).write(file);
    browser.open(file);
    assertQuiet();
    JsonNode matrix = browser.evaluate("document.querySelector('img.matrix').naturalWidth");
    assertEquals(200, matrix.asInt());
  }

  private static void open(String scheme, int width) throws Exception {
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
    browser.call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    browser.open(page);
  }

  private static void assertQuiet() {
    for (String kind :
        List.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")) {
      assertEquals(List.of(), browser.events(kind), kind);
    }
  }

  /** Of each text against what lies behind it, by the formula of WCAG 2.1. */
  private static void assertContrast(String scheme) throws Exception {
    JsonNode low =
        browser.evaluate(
            """
            (() => {
              const parse = c => { const n = c.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n };
              const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
              const behind = e => {
                const layers = [];
                for (let p = e; p; p = p.parentElement) layers.push(parse(getComputedStyle(p).backgroundColor));
                return layers.reverse().reduce((under, l) => over(l, under), [255, 255, 255, 1]);
              };
              const light = c => {
                const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b;
              };
              const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
              const found = [];
              let seen = 0;
              for (const e of document.querySelectorAll('body *')) {
                if (e.tagName === 'title' || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
                const s = getComputedStyle(e);
                let ground = behind(e);
                if (e.classList.contains('count')) {
                  const r = getComputedStyle(e.parentElement.querySelector('rect'));
                  ground = over([...parse(r.fill).slice(0, 3), Number(r.fillOpacity)], ground);
                }
                if (e.classList.contains('bar')) {
                  const probe = document.createElement('div');
                  probe.style.color = 'var(--bar)';
                  document.body.append(probe);
                  if (e.closest('tbody')) ground = parse(getComputedStyle(probe).color);
                  probe.remove();
                }
                const c = ratio(parse(e instanceof SVGElement ? s.fill : s.color), ground);
                seen++;
                if (c < %s) found.push([c, e.tagName, e.getAttribute('class'), e.textContent.slice(0, 40)]);
              }
              return seen > 100 ? found : ['only ' + seen];
            })()
            """
                .formatted(CONTRAST));
    assertEquals("[]", low.toString(), scheme);
  }
}
