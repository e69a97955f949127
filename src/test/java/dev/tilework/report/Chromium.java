package dev.tilework.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless Chromium and one page of it, by its DevTools protocol. */
final class Chromium implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final Path MAC =
      Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SECONDS = 60;

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final String session;
  private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private int last;

  /** The program, where there is one. */
  static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "");
    Stream<Path> onPath =
        NAMES.stream()
            .flatMap(n -> Stream.of(path.split(File.pathSeparator)).map(f -> Path.of(f, n)));
    return Stream.concat(onPath, Stream.of(MAC)).filter(Files::isExecutable).findFirst();
  }

  /**
   * Starts the browser.
   *
   * @param profile an empty folder for it
   */
  Chromium(Path program, Path profile) throws Exception {
    Path log = profile.resolveSibling("chromium.log");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless=new",
                // Its sandbox refuses to run as root, and the page is our own.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      socket =
          http.newWebSocketBuilder()
              .buildAsync(endpoint(profile, log), new Listener())
              .get(SECONDS, TimeUnit.SECONDS);
      String target =
          call(null, "Target.createTarget", Map.of("url", "about:blank")).get("targetId").asText();
      session =
          call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
              .get("sessionId")
              .asText();
      for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
        call(domain + ".enable", Map.of());
      }
    } catch (Exception | Error e) {
      stop();
      throw e;
    }
  }

  /** Where it listens: it writes its port into its folder. */
  private URI endpoint(Path profile, Path log) throws Exception {
    Path file = profile.resolve("DevToolsActivePort");
    for (int i = 0; i < 10 * SECONDS; i++) {
      if (!process.isAlive()) {
        throw new IOException("Chromium ended at once:\n" + Files.readString(log));
      }
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() >= 2) {
        return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
      }
      Thread.sleep(100);
    }
    throw new IOException("Chromium does not listen:\n" + Files.readString(log));
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket s, CharSequence part, boolean isLast) {
      text.append(part);
      if (isLast) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          if (message.has("id")) {
            open.remove(message.get("id").asInt()).complete(message);
          } else {
            events.add(message);
          }
        } catch (IOException e) {
          onError(s, e);
        }
        text.setLength(0);
      }
      s.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket s, Throwable e) {
      open.values().forEach(f -> f.completeExceptionally(e));
    }
  }

  /** Calls a method of the page. */
  JsonNode call(String method, Map<String, ?> parameters) throws Exception {
    return call(session, method, parameters);
  }

  private JsonNode call(String of, String method, Map<String, ?> parameters) throws Exception {
    int id = ++last;
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (of != null) {
      message.put("sessionId", of);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    open.put(id, answer);
    socket.sendText(JSON.writeValueAsString(message), true);
    JsonNode result = answer.get(SECONDS, TimeUnit.SECONDS);
    if (result.has("error")) {
      throw new IllegalStateException(method + ": " + result.get("error"));
    }
    return result.get("result");
  }

  /** Opens a file and waits until all of it is loaded. */
  void open(Path file) throws Exception {
    events.clear();
    JsonNode r = call("Page.navigate", Map.of("url", file.toUri().toString()));
    if (r.has("errorText")) {
      throw new IOException("Chromium cannot open " + file + ": " + r.get("errorText"));
    }
    for (int i = 0; events("Page.loadEventFired").isEmpty(); i++) {
      if (i > 20 * SECONDS) {
        throw new IOException("Chromium does not finish loading " + file);
      }
      Thread.sleep(50);
    }
  }

  /** What has happened since the page was opened, of one kind. */
  List<JsonNode> events(String method) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode e : events) {
      if (e.get("method").asText().equals(method)) {
        found.add(e.get("params"));
      }
    }
    return found;
  }

  /** The value of an expression in the page. */
  JsonNode evaluate(String expression) throws Exception {
    JsonNode r = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (r.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + r.get("exceptionDetails"));
    }
    return r.get("result").path("value");
  }

  @Override
  public void close() throws Exception {
    try {
      call(null, "Browser.close", Map.of());
    } finally {
      stop();
    }
  }

  private void stop() throws InterruptedException {
    http.shutdownNow();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }
}
