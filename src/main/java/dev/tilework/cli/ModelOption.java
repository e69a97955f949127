package dev.tilework.cli;

import dev.tilework.models.Models;
import java.util.ArrayList;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Names of models: completion for {@code --help}, and an error that lists them. */
final class ModelOption {
  private ModelOption() {}

  /** All names. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(Models.names());
    }
  }

  /** Refuses a name that is none. */
  static final class Known implements ITypeConverter<String> {
    @Override
    public String convert(String name) {
      if (!Models.names().contains(name)) {
        throw new TypeConversionException(
            "there is no model '" + name + "'; there are " + String.join(", ", Models.names()));
      }
      return name;
    }
  }
}
