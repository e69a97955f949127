package dev.tilework.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Augmentation;
import dev.tilework.data.ClassSubset;
import dev.tilework.data.DataLoader;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Normalization;
import dev.tilework.data.Subset;
import dev.tilework.models.Models;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.train.Adam;
import dev.tilework.train.Evaluation;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Schedule;
import dev.tilework.train.Sgd;
import dev.tilework.train.Trainer;
import dev.tilework.train.TrainerOptions;
import dev.tilework.train.WeightDecay;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeaturesTest {
  private static final Device CPU = TestDevices.cpu();
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.25f, 0.25f, 0.25f));
  private static final List<String> FIRST = List.of("circle", "square", "star", "cross", "ring");
  private static final List<String> OTHERS =
      List.of("triangle", "crescent", "heart", "arrow", "hourglass");

  @TempDir Path folder;

  private static DataLoader loader(Dataset data, int batch) {
    return new DataLoader(
        data, new DataLoader.Options(batch, false, Augmentation.NONE, HALF, 0, 1, 2));
  }

  @Test
  void featuresAreWhatTheClassifierIsGiven() {
    Dataset data = new GeneratedShapes(11, 12, 4);
    try (Module m = Models.create("resnet8", 10, CPU, 1);
        DataLoader five = loader(data, 5);
        DataLoader all = loader(data, 11)) {
      Features f = Features.of(m, CPU, five);
      assertEquals(11, f.size());
      assertEquals(64, f.width());
      assertTrue(m.isTraining(), "the mode is restored");
      m.train(false);
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open();
          DataLoader.Batches batches = all.epoch(0)) {
        Tensor images = batches.next().images(CPU);
        float[] logits = m.apply(Variable.of(images)).value().toArray();
        Linear fc = Transfer.classifier(m);
        int[] every = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        float[] again = fc.apply(Variable.of(f.rows(CPU, every))).value().toArray();
        assertArrayEquals(logits, again, 1e-5f);
      }
      for (int i = 0; i < f.size(); i++) {
        assertEquals(data.label(i), f.label(i));
      }
    }
  }

  @Test
  void aCacheIsUsedForTheSameNetworkAndImagesAlone() throws Exception {
    Dataset data = new GeneratedShapes(10, 12, 4);
    Path file = folder.resolve("sub/features.safetensors");
    try (Module m = Models.create("resnet8", 10, CPU, 1);
        Module other = Models.create("resnet8", 10, CPU, 2);
        DataLoader l = loader(data, 4);
        DataLoader larger = loader(new GeneratedShapes(11, 12, 4), 4);
        DataLoader changed = loader(new GeneratedShapes(10, 12, 5), 4)) {
      String key = FeatureKey.of(m, l);
      Features f = Features.of(m, CPU, l);
      assertTrue(Features.load(file, key, f.classes()).isEmpty());
      f.save(file, key);
      Features back = Features.load(file, key, f.classes()).orElseThrow();
      int[] every = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
      try (Scope _ = Scope.open()) {
        assertArrayEquals(f.rows(CPU, every).toArray(), back.rows(CPU, every).toArray());
      }
      assertArrayEquals(f.labels(every), back.labels(every));
      Transfer.replaceClassifier(m, 10, 77);
      assertEquals(key, FeatureKey.of(m, l), "the classifier does not matter");
      for (String k :
          List.of(FeatureKey.of(other, l), FeatureKey.of(m, larger), FeatureKey.of(m, changed))) {
        assertNotEquals(key, k);
        assertTrue(Features.load(file, k, f.classes()).isEmpty());
      }
    }
  }

  /** With one batch of all images, both ways of training take the same steps up to rounding. */
  @Test
  void trainingOnFeaturesIsTrainingAFrozenNetwork() {
    Dataset data = new GeneratedShapes(20, 12, 4);
    try (Module a = Models.create("resnet8", 10, CPU, 1);
        Module b = Models.create("resnet8", 10, CPU, 1);
        DataLoader l = loader(data, 20)) {
      Features f = Features.of(a, CPU, l);
      Linear head = Transfer.classifier(a);
      Schedule rate = new Schedule.Constant(0.5f);
      Trainer.Result onFeatures;
      try (Optimizer o = new Sgd(head.parameters(), 0.9f, true, WeightDecay.NONE)) {
        var options = new FeatureTrainer.Options(5, 20, 0.1f, 3, e -> {});
        onFeatures = new FeatureTrainer(head, o, rate, f, f, options).run();
      }
      Transfer.freezeBelow(b, "fc");
      Trainer.Result whole;
      try (Optimizer o = new Sgd(b.parameters(), 0.9f, true, WeightDecay.NONE)) {
        var options = TrainerOptions.epochs(5).withLabelSmoothing(0.1f);
        whole = new Trainer(b, o, rate, l, l, options).run();
      }
      for (int i = 0; i < 5; i++) {
        var x = onFeatures.history().epochs().get(i);
        var y = whole.history().epochs().get(i);
        assertEquals(y.loss(), x.loss(), 1e-4, "epoch " + i);
        assertEquals(y.validationLoss(), x.validationLoss(), 1e-4, "epoch " + i);
      }
      assertArrayEquals(
          b.state().get("fc.weight").toArray(), a.state().get("fc.weight").toArray(), 1e-4f);
      assertEquals(Evaluation.of(a, CPU, l).loss(), onFeatures.validation().loss(), 1e-4);
    }
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    Random random = new Random(5);
    float[] v = new float[50 * 4];
    int[] labels = new int[50];
    for (int i = 0; i < 50; i++) {
      labels[i] = i % 2;
      for (int j = 0; j < 4; j++) {
        v[4 * i + j] = (float) random.nextGaussian() + (labels[i] == 1 ? 1 : -1);
      }
    }
    Features f = new Features(v, 4, labels, List.of("a", "b"));
    float[][] results = new float[3][];
    for (int run = 0; run < 3; run++) {
      try (Linear head = new Linear(4, 2)) {
        head.init(CPU, 1);
        try (Optimizer o = Adam.adam(head.parameters())) {
          var options = new FeatureTrainer.Options(20, 16, 0, run / 2, e -> {});
          Trainer.Result r =
              new FeatureTrainer(head, o, new Schedule.Constant(0.05f), f, f, options).run();
          assertEquals(20, r.history().epochs().size());
          assertTrue(r.validation().accuracy() > 0.9, r.validation().accuracy() + "");
        }
        results[run] = head.state().get("weight").toArray();
      }
    }
    assertArrayEquals(results[0], results[1]);
    assertFalse(java.util.Arrays.equals(results[0], results[2]), "another order");
  }

  @Test
  void featuresThatDoNotFitAreRefused() {
    Features a = new Features(new float[4], 2, new int[2], List.of("a", "b"));
    Features b = new Features(new float[6], 3, new int[2], List.of("a", "b"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Features(new float[5], 2, new int[2], List.of("a")));
    try (Linear head = new Linear(2, 2)) {
      head.init(CPU, 1);
      try (Optimizer o = Adam.adam(head.parameters())) {
        var options = new FeatureTrainer.Options(1, 1, 0, 1, e -> {});
        var e =
            assertThrows(
                IllegalArgumentException.class,
                () -> new FeatureTrainer(head, o, new Schedule.Constant(1), a, b, options));
        assertTrue(e.getMessage().contains("3"), e.getMessage());
      }
    }
  }

  /** A network that learned some shapes tells others better than one that learned nothing. */
  @Test
  void whatWasLearnedOfSomeClassesHelpsWithOthers() {
    Dataset first = new ClassSubset(new GeneratedShapes(1600, 12, 1), FIRST).cached(1 << 20);
    Dataset others = new ClassSubset(new GeneratedShapes(300, 12, 2), OTHERS);
    Dataset held = new ClassSubset(new GeneratedShapes(400, 12, 3), OTHERS);
    try (Module trained = Models.create("resnet8", 5, CPU, 1);
        Module random = Models.create("resnet8", 5, CPU, 1)) {
      learn(trained, first);
      double withIt = accuracyOnFeatures(trained, others, held);
      double without = accuracyOnFeatures(random, others, held);
      assertTrue(withIt > without + 0.1, withIt + " against " + without);
    }
  }

  private static void learn(Module m, Dataset data) {
    try (DataLoader train =
            new DataLoader(
                data, new DataLoader.Options(32, true, Augmentation.NONE, HALF, 1, 1, 2));
        DataLoader few = loader(Subset.limited(data, 2), 10);
        Optimizer o = new Sgd(m.parameters(), 0.9f, true, WeightDecay.of(5e-4f))) {
      Schedule s = new Schedule.OneCycle(0.1f, 4L * train.batches(), 0.25f);
      new Trainer(m, o, s, train, few, TrainerOptions.epochs(4)).run();
    }
  }

  private static double accuracyOnFeatures(Module m, Dataset data, Dataset held) {
    try (DataLoader a = loader(data, 64);
        DataLoader b = loader(held, 64)) {
      Transfer.replaceClassifier(m, 5, 3);
      Features train = Features.of(m, CPU, a);
      Features validation = Features.of(m, CPU, b);
      Linear head = Transfer.classifier(m);
      try (Optimizer o = Adam.adam(head.parameters())) {
        Schedule s = new Schedule.Cosine(0.01f, 0, 0, 25L * FeatureTrainer.steps(train, 32));
        var options = new FeatureTrainer.Options(25, 32, 0, 1, e -> {});
        return new FeatureTrainer(head, o, s, train, validation, options)
            .run()
            .validation()
            .accuracy();
      }
    }
  }
}
