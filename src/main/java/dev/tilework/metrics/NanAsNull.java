package dev.tilework.metrics;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;

/** A number that may be undefined: JSON knows no NaN, so it is null there. */
final class NanAsNull {
  private NanAsNull() {}

  /** To JSON. */
  static final class Writer extends StdSerializer<Double> {
    private static final long serialVersionUID = 1;

    Writer() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (Double.isNaN(value)) {
        out.writeNull();
      } else {
        out.writeNumber(value);
      }
    }
  }

  /** From JSON. */
  static final class Reader extends StdDeserializer<Double> {
    private static final long serialVersionUID = 1;

    Reader() {
      super(Double.class);
    }

    @Override
    public Double deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return in.getDoubleValue();
    }

    @Override
    public Double getNullValue(DeserializationContext context) {
      return Double.NaN;
    }
  }
}
