package dev.tilework.bench.peers;

import dev.tilework.bench.Machine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/** Makes reports about this machine. */
final class PeerReports {
  private PeerReports() {}

  /** A report of now. */
  static PeerReport of(
      int threads,
      String commit,
      boolean complete,
      List<PeerReport.LibraryRow> libraries,
      List<PeerReport.Row> rows) {
    return new PeerReport(
        "peers",
        Machine.processor(),
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        threads,
        FloatVector.SPECIES_PREFERRED.vectorBitSize(),
        commit,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        complete,
        List.copyOf(libraries),
        List.copyOf(rows));
  }
}
