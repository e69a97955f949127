package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.TestDevices;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Augmentation;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Normalization;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.AuxiliaryLogits;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The trainer takes the losses of classifiers inside a network into account. */
class AuxiliaryTrainingTest {
  private static final int BATCH = 8;

  /** Two convolutions, with a classifier behind each. */
  private static final class TwoHeads extends Module implements AuxiliaryLogits {
    private final Module front =
        child("front", new Sequential(new Conv2d(3, 8, 3).stride(2), new Relu()));
    private final Module inside = child("inside", head(8));
    private final Module back =
        child("back", new Sequential(new Conv2d(8, 12, 3), new Relu(), head(12)));
    int applied;

    private static Module head(int channels) {
      return new Sequential(new AdaptiveAvgPool2d(), new Flatten(), new Linear(channels, 10));
    }

    @Override
    protected Variable forward(Variable x) {
      applied++;
      return back.apply(front.apply(x));
    }

    @Override
    public Outputs applyAll(Variable x) {
      Variable y = front.apply(x);
      return new Outputs(back.apply(y), List.of(new Auxiliary(inside.apply(y), 0.25f)));
    }
  }

  @Test
  void oneEpochIsWhatALoopByHandDoes() {
    Device device = TestDevices.cpu();
    Normalization colours = new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(1f, 1f, 1f));
    var options = new DataLoader.Options(BATCH, true, Augmentation.STANDARD, colours, 7, 1, 1);
    GeneratedShapes shapes = new GeneratedShapes(3 * BATCH, 12, 1);
    try (TwoHeads net = new TwoHeads();
        TwoHeads byHand = new TwoHeads();
        DataLoader train = new DataLoader(shapes, options);
        DataLoader validation =
            new DataLoader(shapes, DataLoader.Options.evaluation(BATCH, colours))) {
      net.init(device, 3);
      byHand.init(device, 3);
      float[] before = net.state().get("inside.2.weight").toArray();
      double sum = 0;
      try (Optimizer o = new Sgd(byHand.parameters(), 0.9f, false, WeightDecay.of(0));
          DataLoader.Batches batches = train.epoch(0)) {
        while (batches.hasNext()) {
          sum += step(byHand, o, batches.next(), device);
        }
      }
      try (Optimizer o = new Sgd(net.parameters(), 0.9f, false, WeightDecay.of(0))) {
        var schedule = new Schedule.Constant(0.1f);
        var result =
            new Trainer(net, o, schedule, train, validation, TrainerOptions.epochs(1)).run();
        assertEquals(sum / 3, result.history().epochs().getFirst().loss(), 1e-6);
      }
      assertEquals(3, net.applied, "validation applies the network by itself, training does not");
      net.state()
          .forEach(
              (name, t) ->
                  assertArrayEquals(byHand.state().get(name).toArray(), t.toArray(), name));
      assertNotEquals(before[0], net.state().get("inside.2.weight").toArray()[0]);
    }
  }

  private static double step(TwoHeads net, Optimizer optimizer, Batch b, Device device) {
    try (Scope step = Scope.open()) {
      Variable features = net.front.apply(Variable.of(b.images(device)));
      Variable end = net.back.apply(features).crossEntropy(b.labels(device), 0);
      Variable inside = net.inside.apply(features).crossEntropy(b.labels(device), 0);
      Variable loss = end.add(inside.affine(0.25f, 0));
      loss.backward();
      optimizer.step(0.1f);
      net.zeroGrad();
      return loss.value().item();
    }
  }
}
