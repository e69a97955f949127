package dev.tilework.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "tilework",
    description = "Trains, evaluates and runs convolutional networks.",
    subcommands = {
      ModelsCommand.class,
      DevicesCommand.class,
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed, with the reason on stderr", "2:wrong usage"})
public final class Main implements Runnable {
  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of errors.")
  private boolean verbose;

  @Option(
      names = "-D",
      mapFallbackValue = "",
      scope = ScopeType.INHERIT,
      paramLabel = "<name=value>",
      description = "Set a system property, as in -Dtilework.cpu.threads=1.")
  private void property(Map<String, String> properties) {
    properties.forEach(System::setProperty);
  }

  private Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String... args) {
    System.setProperty("java.awt.headless", "true");
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to be executed in-process. */
  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(main::failed);
    return line;
  }

  /** Without a command, shows what there is. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
  }

  private int failed(Exception e, CommandLine line, ParseResult result) {
    PrintWriter err = line.getErr();
    if (verbose || Boolean.getBoolean("tilework.debug")) {
      e.printStackTrace(err);
    } else {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      // What the program did not foresee is shown with its kind, as the message alone may mean
      // little.
      boolean foreseen = e instanceof UserError || e instanceof IllegalArgumentException;
      err.println(
          "tilework: " + (foreseen ? message : e.getClass().getSimpleName() + ": " + message));
      if (!foreseen) {
        err.println("(--verbose shows where)");
      }
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** The version that the jar's manifest names. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String v = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "tilework " + (v == null ? "(unpackaged)" : v) + ", Java " + Runtime.version()
      };
    }
  }
}
