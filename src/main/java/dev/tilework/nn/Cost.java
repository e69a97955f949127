package dev.tilework.nn;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import java.util.function.Supplier;

/**
 * The size of a network and the work of an inference, found from shapes alone: no parameter is made
 * and nothing is computed.
 *
 * @param layers convolutions and linear layers, those of shortcuts included
 * @param parameters trained numbers
 * @param stateNumbers those and the running statistics: all that is saved with the network
 * @param flops floating-point operations of the convolutions and linear layers, two for each
 *     multiply-add
 * @param output the result's shape
 */
public record Cost(int layers, long parameters, long stateNumbers, long flops, Shape output) {
  /**
   * The cost of a network for a float32 input of a shape.
   *
   * @param network builds the network; {@link Module#init} must not have been called on it
   */
  public static Cost of(Supplier<? extends Module> network, int... inputDims) {
    CountingDriver counter = new CountingDriver();
    Device shapes = new Device("shapes", counter);
    try (Module m = network.get();
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      m.init(shapes, 0);
      m.train(false);
      Variable y = m.apply(Variable.of(Tensor.zeros(shapes, inputDims)));
      return new Cost(counter.layers, m.parameterCount(), m.stateCount(), counter.flops, y.shape());
    }
  }
}
