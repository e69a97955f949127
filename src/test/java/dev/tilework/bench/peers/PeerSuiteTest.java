package dev.tilework.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite races processes, compares their results, and says what it could not do. */
class PeerSuiteTest {
  private static final String SERVICE = "META-INF/services/" + Contestant.class.getName();

  @TempDir Path folder;

  /** The folder of a peer as it is after its build; the class is among the tests. */
  private void peer(String name, Class<?> contestant) throws IOException {
    Path service = folder.resolve(name).resolve("target").resolve("classes").resolve(SERVICE);
    Files.createDirectories(service.getParent());
    Files.writeString(service, contestant.getName());
    Path lib = Files.createDirectories(folder.resolve(name).resolve("target").resolve("lib"));
    Files.write(lib.resolve("its.jar"), new byte[2_500_000]);
  }

  private PeerReport run(int exit, String... more) throws IOException {
    Path out = folder.resolve("out").resolve("result.json");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "--quick",
            "--threads",
            "2",
            "--peers-folder",
            folder.toString(),
            "--work",
            folder.resolve("work").toString(),
            "--commit",
            "0123456789ab",
            "--out",
            out.toString()));
    arguments.addAll(List.of(more));
    assertEquals(exit, PeerSuite.execute(arguments.toArray(String[]::new)));
    return new ObjectMapper().readValue(out.toFile(), PeerReport.class);
  }

  @Test
  void racesAndReportsWhatCouldNotBeDone() throws IOException {
    peer(OddPeer.NAME, OddPeer.class);
    Path broken = Files.createDirectories(folder.resolve("broken").resolve("target"));
    Files.writeString(broken.resolve("problem.txt"), "could not be fetched\n");
    PeerReport report =
        run(
            0,
            "--peers",
            OddPeer.NAME + ",broken",
            "--group",
            "start,products,memory,layers",
            "--match",
            "gemm|relu|softmax|add|resnet50/conv1",
            "--pass",
            "FORWARD,DATA_GRAD");
    assertEquals("0123456789ab", report.commit());
    assertTrue(report.complete());
    Map<String, PeerReport.LibraryRow> libraries = new TreeMap<>();
    report.libraries().forEach(l -> libraries.put(l.name(), l));
    assertEquals(3, libraries.size());
    assertTrue(libraries.get(Tilework.NAME).firstAnswerMs() > 0);
    assertTrue(libraries.get(Tilework.NAME).version().startsWith("cpu: "));
    PeerReport.LibraryRow odd = libraries.get(OddPeer.NAME);
    assertEquals(OddPeer.VERSION, odd.version());
    assertEquals(2.5, odd.downloadMB(), 1e-9);
    assertTrue(odd.startProblem().contains("runs no networks"), odd.startProblem());
    assertEquals("could not be fetched", libraries.get("broken").problem());

    Map<String, PeerReport.Row> rows = new TreeMap<>();
    report.rows().forEach(r -> rows.put(r.layer() + " " + r.pass(), r));
    assertEquals(6, rows.size(), rows.keySet().toString());
    for (PeerReport.Row r : report.rows()) {
      PeerReport.Entry ours = r.entries().getFirst();
      assertTrue(ours.isOurs() && ours.microseconds() > 0, r.toString());
      assertTrue(ours.lowerQuartile() <= ours.upperQuartile(), r.toString());
    }
    PeerReport.Row product = rows.get("gemm/17x20x33 PRODUCT");
    assertEquals(3, product.entries().size());
    PeerReport.Entry plain = product.entries().get(1);
    assertEquals(product.ratio(), plain.microseconds() / ours(product), 1e-9);
    // A form whose result is wrong is not timed, with the reason.
    PeerReport.Entry wrong = product.entries().get(2);
    assertNull(wrong.microseconds());
    assertTrue(wrong.problem().contains("of the result is"), wrong.problem());
    // A task that throws, one that ends the process, one for which there is no form.
    assertEquals("IllegalStateException: not today", problem(rows.get("relu MEMORY")));
    assertTrue(problem(rows.get("softmax MEMORY")).contains("exit code 3"));
    assertEquals(1, rows.get("resnet50/conv1 FORWARD").entries().size());
    // Its process was started again after that.
    assertNotNull(rows.get("add MEMORY").ratio());
    assertNull(rows.get("resnet50/conv1 DATA_GRAD").ratio());

    String markdown = Files.readString(folder.resolve("out").resolve("result.md"));
    assertTrue(markdown.contains("- broken did not take part: could not be fetched"), markdown);
    assertTrue(markdown.contains("| products | 1 | product | 1 |"), markdown);
    Path picture = folder.resolve("out").resolve("result-means.png");
    assertTrue(ImageIO.read(picture.toFile()).getWidth() > 0);

    PeerResults results = new PeerResults();
    assertEquals("", results.readme());
    results.add("x.json", new ObjectMapper().valueToTree(report));
    Map<String, String> pictures = new TreeMap<>();
    assertTrue(
        results.markdown(pictures).contains("(../bench/results/x.json), commit 0123456789ab"));
    assertEquals(1, pictures.size());
    String name = pictures.keySet().iterator().next();
    assertTrue(results.readme().contains("docs/" + name), results.readme());
    assertTrue(pictures.get(name).contains("over " + OddPeer.NAME));
  }

  private static String problem(PeerReport.Row row) {
    return row.entries().getLast().problem();
  }

  private static double ours(PeerReport.Row row) {
    return row.entries().getFirst().microseconds();
  }

  @Test
  void whenTheTimeIsUpTheRestIsSkippedAndSaidToBe() throws IOException {
    PeerReport report = run(1, "--minutes", "0", "--group", "memory", "--peers", "none");
    assertFalse(report.complete());
    assertEquals(List.of(), report.rows());
    assertTrue(report.libraries().get(1).problem().startsWith("it was not built"));
  }

  /** The graph that peers build from is the network: the same weights are enough for each node. */
  @Test
  void graphsNameEveryParameterOnce() {
    for (Task.Network task :
        List.of(
            new Task.Network("resnet8", 32, 1, false),
            new Task.Network("resnet50", 224, 1, false),
            new Task.Network("vgg16", 224, 1, false))) {
      Graph g = Graph.of(task);
      long parameters = 0;
      for (Graph.Node n : g.nodes()) {
        parameters +=
            switch (n.op()) {
              case CONV ->
                  (long) n.in() * n.out() * n.kernel() * n.kernel() + (n.bias() ? n.out() : 0);
              case LINEAR -> (long) n.in() * n.out() + n.out();
              case NORM -> 4L * n.out();
              default -> 0;
            };
        assertTrue(n.a() <= g.nodes().indexOf(n) && n.b() <= g.nodes().indexOf(n), n.toString());
      }
      long all = g.shapes().values().stream().mapToLong(s -> s.elements()).sum();
      assertEquals(all, parameters, task.model());
    }
  }
}
