package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A convolution as a network calls it: plain NHWC in and out, on all threads of the device, the
 * result into memory that is there. Weights stay the same between calls, as in inference, so what a
 * device keeps of them is made before the timing. Data stays in whatever cache holds it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx3g"
    })
public class ConvLayers {
  /** The list and the layer, as in {@code resnet50/conv1}. */
  @Param("resnet50/layer1.conv")
  public String layer;

  /** Images a call. */
  @Param("1")
  public int batch;

  /** Which of the three products. */
  @Param("FORWARD")
  public Pass pass;

  /** The device's name, as {@link Devices#named} takes it. */
  @Param("cpu")
  public String device;

  private Device on;
  private ConvOp op;
  private Tensor a;
  private Tensor b;
  private Tensor result;

  /** Makes the operands and checks the result. */
  @Setup
  public void setup() {
    on = Devices.named(device);
    ConvGeometry g = Layer.of(layer).geometry(batch);
    op = pass.op(g);
    float[] first = random(pass.first(g), 1);
    float[] second = random(pass.second(g), 2);
    a = Tensor.of(on, first, pass.first(g).dims());
    b = Tensor.of(on, second, pass.second(g).dims());
    result = Tensor.zeros(on, pass.result(g).dims());
    Validation.check(pass, g, first, second, run().toArray());
  }

  private static float[] random(Shape shape, long seed) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  /** One call. */
  @Benchmark
  public Tensor run() {
    on.runInto(result, op, a, b);
    on.synchronize();
    return result;
  }

  /** Frees the operands. */
  @TearDown
  public void close() {
    a.close();
    b.close();
    result.close();
  }
}
