package dev.tilework.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a classifier gave for each sample of a data set, one against the other classes by softmax of
 * its logits, in double precision. It holds {@code 4 * samples * classes} bytes.
 *
 * <pre>{@code
 * Predictions p = new Predictions(loader.data().classes());
 * Evaluation.of(model, device, loader, p);
 * System.out.println(p.report());
 * }</pre>
 */
public final class Predictions {
  private final List<String> classes;
  private final List<Row> rows = new ArrayList<>();

  /** A sample: its logits and what they come to. */
  private record Row(float[] logits, double logSum, int label, int sample, int prediction) {}

  /** Nothing yet. */
  public Predictions(List<String> classes) {
    if (classes.isEmpty()) {
      throw new IllegalArgumentException("predictions: got no classes");
    }
    this.classes = List.copyOf(classes);
  }

  /**
   * Adds samples.
   *
   * @param logits samples x classes; minus infinity is the probability 0
   * @param labels the class of each sample
   * @param samples what each sample is to be found by, such as its place in the data set
   * @throws IllegalArgumentException when the lengths do not fit, a logit is NaN or infinite, or
   *     none of a sample is finite
   * @throws IndexOutOfBoundsException when a label is no class
   */
  public void add(float[] logits, int[] labels, int[] samples) {
    int n = classes.size();
    if (logits.length != labels.length * n || samples.length != labels.length) {
      throw new IllegalArgumentException(
          "predictions: got "
              + logits.length
              + " logits and "
              + samples.length
              + " samples for "
              + labels.length
              + " labels, expected "
              + n
              + " logits and a sample a label");
    }
    for (int i = 0; i < labels.length; i++) {
      float[] row = Arrays.copyOfRange(logits, i * n, (i + 1) * n);
      rows.add(row(row, Objects.checkIndex(labels[i], n), samples[i]));
    }
  }

  private Row row(float[] logits, int label, int sample) {
    int best = 0;
    for (int c = 0; c < logits.length; c++) {
      if (Float.isNaN(logits[c]) || logits[c] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "predictions: the logit of sample "
                + sample
                + " for class '"
                + classes.get(c)
                + "' is "
                + logits[c]);
      }
      best = logits[c] > logits[best] ? c : best;
    }
    double max = logits[best];
    if (max == Double.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "predictions: all logits of sample " + sample + " are minus infinity");
    }
    double sum = 0;
    for (float v : logits) {
      sum += Math.exp(v - max);
    }
    return new Row(logits, max + Math.log(sum), label, sample, best);
  }

  /** The names of the classes. */
  public List<String> classes() {
    return classes;
  }

  /** The number of samples. */
  public int size() {
    return rows.size();
  }

  /** The true class of the i-th sample. */
  public int label(int i) {
    return rows.get(i).label;
  }

  /** What the i-th sample is found by. */
  public int sample(int i) {
    return rows.get(i).sample;
  }

  /** The most probable class of the i-th sample; of equal ones the lowest. */
  public int prediction(int i) {
    return rows.get(i).prediction;
  }

  /** Whether the most probable class of the i-th sample is the true one. */
  public boolean isHit(int i) {
    return prediction(i) == label(i);
  }

  /** The natural logarithm of a class's probability for the i-th sample. */
  public double logProbability(int i, int c) {
    Row r = rows.get(i);
    return r.logits[c] - r.logSum;
  }

  /** The probability of a class for the i-th sample. */
  public double probability(int i, int c) {
    return Math.exp(logProbability(i, c));
  }

  /** The probability of the i-th sample's most probable class. */
  public double confidence(int i) {
    return probability(i, prediction(i));
  }

  /** Which classes were taken for which. */
  public ConfusionMatrix confusion() {
    ConfusionMatrix m = new ConfusionMatrix(classes);
    rows.forEach(r -> m.add(r.label, r.prediction));
    return m;
  }

  /** The share of samples whose class is among the k most probable; see {@link TopK}. */
  public double topK(int k) {
    TopK t = new TopK(k, classes.size());
    rows.forEach(r -> t.add(r.logits, new int[] {r.label}));
    return t.accuracy();
  }

  /** The ROC curve of a class against the rest, by its probability. */
  public RocCurve roc(int c) {
    return RocCurve.of(probabilities(c), ofClass(c));
  }

  /** The precision-recall curve of a class against the rest, by its probability. */
  public PrecisionRecallCurve precisionRecall(int c) {
    return PrecisionRecallCurve.of(probabilities(c), ofClass(c));
  }

  private double[] probabilities(int c) {
    return IntStream.range(0, size()).mapToDouble(i -> probability(i, c)).toArray();
  }

  private boolean[] ofClass(int c) {
    boolean[] positive = new boolean[size()];
    for (int i = 0; i < positive.length; i++) {
      positive[i] = label(i) == c;
    }
    return positive;
  }

  /**
   * How far the probabilities can be relied on.
   *
   * @param bins of equal width
   * @throws IllegalStateException when there is no sample
   */
  public Calibration calibration(int bins) {
    return Calibration.of(this, bins);
  }

  /** The positions of the samples taken for a wrong class, the most confident first. */
  public List<Integer> mistakes(int most) {
    return IntStream.range(0, size())
        .filter(i -> !isHit(i))
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -confidence(i)))
        .limit(most)
        .toList();
  }

  /**
   * All measures.
   *
   * @throws IllegalStateException when there is no sample
   */
  public EvaluationReport report() {
    return EvaluationReport.of(this);
  }

  void requireSamples(String what) {
    if (rows.isEmpty()) {
      throw new IllegalStateException(what + ": there is no sample");
    }
  }
}
