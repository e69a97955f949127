package dev.tilework.cli;

import dev.tilework.data.CorruptImageException;
import dev.tilework.kernels.DeviceException;
import dev.tilework.train.NonFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
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
      TrainCommand.class,
      TransferCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      AugmentCommand.class,
      ModelsCommand.class,
      DevicesCommand.class,
      BenchCommand.class,
      TuneCommand.class,
    },
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Main.Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed, with the reason on stderr", "2:wrong usage"})
public final class Main implements Runnable {
  /** Exceptions whose messages are made for people. */
  private static final List<Class<? extends Exception>> FORESEEN =
      List.of(
          UserError.class,
          IllegalArgumentException.class,
          IllegalStateException.class,
          IOException.class,
          UncheckedIOException.class,
          NonFiniteException.class,
          CorruptImageException.class,
          DeviceException.class);

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
    if (System.getProperty("java.util.logging.config.file") == null) {
      // One line for each warning.
      System.setProperty("java.util.logging.SimpleFormatter.format", "%4$s: %5$s%n");
    }
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to be executed in-process. */
  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine line = new CommandLine(main);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.getSubcommands()
        .get("train")
        .getCommandSpec()
        .usageMessage()
        .footer(TrainCommand.defaults());
    line.setExecutionStrategy(Main::execute);
    line.setExecutionExceptionHandler(main::failed);
    line.setParameterExceptionHandler(Main::misused);
    return line;
  }

  /** Without a command, shows what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getErr());
    throw new CommandLine.ParameterException(spec.commandLine(), "which command?");
  }

  /** Runs the command; turns errors that a user can do something about into exceptions. */
  private static int execute(ParseResult result) {
    CommandLine line = result.commandSpec().commandLine();
    try {
      return new CommandLine.RunLast().execute(result);
    } catch (ExceptionInInitializerError e) {
      // A property such as -Dtilework.cpu.vectorBits is read when its class is first used.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CommandLine.ExecutionException(line, cause.toString(), cause);
    } catch (OutOfMemoryError e) {
      throw new CommandLine.ExecutionException(
          line,
          e.toString(),
          new UserError(
              "out of memory (" + e.getMessage() + "); TILEWORK_JAVA_OPTS=-Xmx8g gives Java more",
              e));
    }
  }

  private int failed(Exception e, CommandLine line, ParseResult result) {
    PrintWriter err = line.getErr();
    if (verbose || Boolean.getBoolean("tilework.debug")) {
      e.printStackTrace(err);
    } else {
      boolean foreseen = FORESEEN.stream().anyMatch(k -> k.isInstance(e));
      // What the program did not foresee is shown with its kind, as the message alone may say
      // little.
      err.println(
          "tilework: " + (foreseen ? describe(e) : e.toString() + " (--verbose shows where)"));
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static int misused(CommandLine.ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("tilework: " + e.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      err.println("'" + line.getCommandSpec().qualifiedName() + " --help' shows what there is.");
    }
    err.flush();
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** The message; where the system's own is but a file's name, with what is the matter with it. */
  private static String describe(Exception e) {
    Throwable t = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
    return switch (t) {
      case NoSuchFileException f -> "there is no " + f.getMessage();
      case AccessDeniedException f -> "no permission for " + f.getMessage();
      case FileSystemException f -> f.getMessage();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
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
