package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.Weights;
import dev.tilework.metrics.History;
import dev.tilework.nn.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class TrainerTest {
  private static final GeneratedShapes SHAPES = new GeneratedShapes(TinyRun.IMAGES, 12, 1);

  @Parameter private Device device;

  @TempDir Path folder;

  @Test
  void aThousandStepsLeaveTheMemoryOfTen() throws Exception {
    settle(device);
    try (TinyRun run =
        new TinyRun(device, new GeneratedShapes(80, 8, 1), new Schedule.Constant(0.02f))) {
      List<Long> live = new ArrayList<>();
      TrainerOptions o =
          TrainerOptions.epochs(100)
              .withClipNorm(5)
              .withListener(e -> live.add(run.device.memory().live()));
      Trainer.Result r = run.trainer(o).run();
      assertEquals(1000, run.optimizer.steps());
      assertEquals(100, live.size());
      for (int i = 0; i < 100; i++) {
        assertEquals(live.getFirst(), live.get(i), "bytes after steps 10 and " + 10 * (i + 1));
      }
      assertTrue(r.peakBytes() > live.getLast());
      History.Epoch first = r.history().epochs().getFirst();
      History.Epoch last = r.history().epochs().getLast();
      assertTrue(last.loss() < 0.8 * first.loss(), first + " to " + last);
    }
  }

  /** Waits until what earlier tests lost is freed: it would hide what this one loses. */
  private static void settle(Device device) throws InterruptedException {
    long before = -1;
    for (int quiet = 0; quiet < 3; ) {
      System.gc();
      Thread.sleep(100);
      long live = device.memory().live();
      quiet = live == before ? quiet + 1 : 0;
      before = live;
    }
  }

  @Test
  void historyHoldsWhatTheListenerWasTold() {
    try (TinyRun run = new TinyRun(device)) {
      List<History.Epoch> told = new ArrayList<>();
      Trainer.Result r = run.trainer(TrainerOptions.epochs(2).withListener(told::add)).run();
      assertEquals(told, r.history().epochs());
      assertFalse(r.stoppedEarly());
      for (int i = 0; i < 2; i++) {
        History.Epoch e = told.get(i);
        assertEquals(i + 1, e.epoch());
        assertEquals(run.schedule.rate((i + 1L) * TinyRun.STEPS_AN_EPOCH - 1), e.rate());
        assertTrue(e.imagesPerSecond() > 0 && e.seconds() > 0);
        assertTrue(e.loss() > 0 && e.validationLoss() > 0);
      }
      assertEquals(20, r.validation().images());
      assertEquals(20, r.validation().confusion().total());
      assertEquals(r.validation().accuracy(), told.getLast().validationAccuracy());
      assertTrue(r.validation().topFive() >= r.validation().accuracy());
    }
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    List<Map<String, String>> bits = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (TinyRun run = new TinyRun(device)) {
        run.trainer(TrainerOptions.epochs(2)).run();
        bits.add(run.bits());
      }
    }
    assertEquals(bits.getFirst(), bits.getLast());
  }

  @Test
  void mixedImagesCountByTheirShares() {
    try (TinyRun run = TinyRun.augmented(device)) {
      // A rate so small that the weights stay: each step then sees the network as it began.
      Module model = run.model;
      Schedule still = new Schedule.Constant(1e-30f);
      Trainer t =
          new Trainer(
              model, run.optimizer, still, run.train, run.validation, TrainerOptions.epochs(1));
      History.Epoch e = t.run().history().epochs().getFirst();
      double correct = 0;
      double loss = 0;
      int images = 0;
      model.train(true);
      try (DataLoader.Batches batches = run.train.epoch(0)) {
        for (int step = 0; batches.hasNext(); step++) {
          Batch b = batches.next();
          assertTrue(b.isMixed());
          float[] p = b.probabilities();
          try (Scope _ = Scope.open()) {
            model.randomness(run.train.options().seed(), step);
            Variable logits = model.apply(Variable.of(b.images(device)));
            float[] logs = logits.logSoftmax().value().toArray();
            int[] found = logits.value().argmax(1).toIntArray();
            for (int i = 0; i < b.size(); i++) {
              correct += p[10 * i + found[i]];
              for (int k = 0; k < 10; k++) {
                loss -= p[10 * i + k] * logs[10 * i + k];
              }
            }
          }
          images += b.size();
        }
      }
      assertEquals(correct / images, e.accuracy(), 1e-5);
      assertEquals(loss / images, e.loss(), 1e-4 * e.loss());
    }
  }

  @Test
  void evaluationKeepsTheModeAndTheState() {
    try (TinyRun run = new TinyRun(device)) {
      Map<String, String> before = run.bits();
      for (boolean training : new boolean[] {true, false}) {
        run.model.train(training);
        Evaluation a = Evaluation.of(run.model, run.device, run.validation);
        Evaluation b = Evaluation.of(run.model, run.device, run.validation);
        assertEquals(a.loss(), b.loss());
        assertEquals(training, run.model.isTraining());
      }
      assertEquals(before, run.bits());
    }
  }

  @Test
  void itStopsWithoutProgress() {
    try (TinyRun run = new TinyRun(device, SHAPES, new Schedule.Constant(1e-30f))) {
      run.model.parameters().forEach((name, v) -> zero(v));
      Trainer t = run.trainer(TrainerOptions.epochs(50).withPatience(3));
      Trainer.Result r = t.run();
      assertTrue(r.stoppedEarly());
      assertEquals(4, r.history().epochs().size(), "the best epoch and three more");
      assertEquals(1, r.history().best().orElseThrow().epoch());
      assertThrows(IllegalStateException.class, t::resume, "no folder for checkpoints");
    }
  }

  private static void zero(Variable v) {
    try (Tensor zeros = Tensor.zeros(v.value().device(), v.shape().dims())) {
      v.value().set(zeros);
    }
  }

  @Test
  void theBestWeightsAreSavedWithTheModelCard() throws Exception {
    ModelCard card =
        new ModelCard("tiny", SHAPES.classes(), ImageSize.square(12), Normalization.IMAGENET);
    try (TinyRun run = new TinyRun(device)) {
      TrainerOptions o =
          TrainerOptions.epochs(3).withCheckpoints(folder.resolve("a/b"), 0, card.toMetadata());
      List<Map<String, String>> bits = new ArrayList<>();
      Trainer.Result r = run.trainer(o.withListener(e -> bits.add(run.bits()))).run();
      int best = r.history().best().orElseThrow().epoch();
      Path file = folder.resolve("a/b").resolve(Trainer.BEST);
      try (SafetensorsFile f = SafetensorsFile.open(file)) {
        assertEquals(card, ModelCard.of(f.metadata()));
      }
      Weights.load(file, run.model);
      Map<String, String> loaded = run.bits();
      run.model
          .state()
          .keySet()
          .forEach(name -> assertEquals(bits.get(best - 1).get(name), loaded.get(name), name));
    }
    assertThrows(IllegalArgumentException.class, () -> ModelCard.of(Map.of()));
  }

  @Test
  void aNanNamesStepAndLayer() {
    try (TinyRun run = new TinyRun(device)) {
      TrainerOptions o =
          TrainerOptions.epochs(3)
              .withListener(
                  e -> {
                    Tensor w = run.model.state().get("3.weight");
                    float[] values = w.toArray();
                    values[17] = Float.NaN;
                    w.write(java.lang.foreign.MemorySegment.ofArray(values));
                  });
      // The validation of the first epoch comes before the listener, so step 6 meets the NaN.
      NonFiniteException e = assertThrows(NonFiniteException.class, () -> run.trainer(o).run());
      assertEquals(6, e.step());
      assertEquals("3", e.layer());
      assertTrue(e.getMessage().startsWith("step 6 (epoch 2, batch 1, "), e.getMessage());
      assertTrue(e.getMessage().contains("the loss is NaN"), e.getMessage());
      assertTrue(e.getMessage().contains("'3' (Conv2d), whose 'weight' is not"), e.getMessage());
    }
  }

  @Test
  void aHugeLearningRateNamesStepAndLayer() {
    try (TinyRun run = new TinyRun(device, SHAPES, new Schedule.Constant(1e38f))) {
      long live = run.device.memory().live();
      NonFiniteException e =
          assertThrows(NonFiniteException.class, () -> run.trainer(TrainerOptions.epochs(3)).run());
      assertTrue(e.step() >= 2 && e.step() <= 5, e.getMessage());
      assertNotNull(e.layer(), e.getMessage());
      assertTrue(e.getMessage().contains("learning rate 1.0E38"), e.getMessage());
      assertEquals(live, run.device.memory().live(), "nothing is left in memory");
    }
  }

  @Test
  void imagesThatAreNotFiniteAreTold() {
    Normalization broken =
        new Normalization(
            List.of(0f, 0f, 0f), List.of(Float.MIN_VALUE, Float.MIN_VALUE, Float.MIN_VALUE));
    try (TinyRun run = new TinyRun(device, SHAPES, new Schedule.Constant(0.1f), broken, false)) {
      NonFiniteException e =
          assertThrows(NonFiniteException.class, () -> run.trainer(TrainerOptions.epochs(1)).run());
      assertEquals(1, e.step());
      assertEquals("0", e.layer());
      assertTrue(e.getMessage().contains("images are not finite"), e.getMessage());
    }
  }

  /** Its result is 0 + x, the gradient of its scale infinite. */
  private static final class Steep extends Module {
    private final Module inner;
    private final dev.tilework.nn.Parameter scale =
        parameter("scale", dev.tilework.nn.Init.constant(0), 1);

    Steep(Module inner) {
      this.inner = child("inner", inner);
    }

    @Override
    protected Variable forward(Variable x) {
      Variable y = inner.apply(x);
      Variable one = y.multiply(y).affine(0, 1);
      Variable huge = scale.variable().affine(1e30f, 0).affine(1e30f, 0);
      return y.add(one.multiply(huge).multiply(y));
    }
  }

  @Test
  void anInfiniteGradientNamesTheParameter() {
    try (TinyRun run = new TinyRun(device)) {
      Steep model = new Steep(run.model);
      model.init(run.device, 1);
      try (Optimizer o = new Sgd(model.parameters(), 0, false, WeightDecay.NONE)) {
        Trainer t =
            new Trainer(
                model,
                o,
                run.schedule,
                run.train,
                run.validation,
                TrainerOptions.epochs(1).withClipNorm(1));
        NonFiniteException e = assertThrows(NonFiniteException.class, t::run);
        assertEquals(1, e.step());
        assertEquals("scale", e.layer());
        assertTrue(e.getMessage().contains("gradient"), e.getMessage());
      }
      model.parameters().get("scale").value().close();
    }
  }

  @Test
  void aModelOfOtherClassesIsRefused() {
    try (TinyRun run = new TinyRun(device);
        Module other =
            new dev.tilework.nn.Sequential(
                new dev.tilework.nn.AdaptiveAvgPool2d(),
                new dev.tilework.nn.Flatten(),
                new dev.tilework.nn.Linear(3, 4))) {
      other.init(run.device, 1);
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Evaluation.of(other, run.device, run.validation));
      assertTrue(e.getMessage().contains("logits [8, 10]"), e.getMessage());
    }
  }
}
