package dev.tilework.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** A graph with one output, run again and again on the same inputs. */
final class GraphCall implements Contestant.Call {
  private final Graph graph;
  private final Ops ops;
  private final int threads;
  private final List<Placeholder<TFloat32>> places = new ArrayList<>();
  private final List<TFloat32> inputs = new ArrayList<>();
  private UnaryOperator<float[]> turn = values -> values;
  private Operand<TFloat32> output;
  private Session session;
  private Result result;

  /** Takes over the graph. */
  GraphCall(Graph graph, int threads) {
    this.graph = graph;
    this.threads = threads;
    ops = Ops.create(graph);
  }

  Ops ops() {
    return ops;
  }

  /** An input. */
  Operand<TFloat32> feed(TFloat32 value) {
    Placeholder<TFloat32> p = ops.placeholder(TFloat32.class, Placeholder.shape(value.shape()));
    places.add(p);
    inputs.add(value);
    return p;
  }

  /** What is computed. */
  void fetch(Operand<TFloat32> operand) {
    output = operand;
    session =
        new Session(
            graph,
            ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(1)
                .build());
  }

  /** How the result's numbers come into this library's order. */
  void turned(UnaryOperator<float[]> order) {
    turn = order;
  }

  @Override
  public void run() {
    if (result != null) {
      result.close();
    }
    Session.Runner runner = session.runner().fetch(output);
    for (int i = 0; i < places.size(); i++) {
      runner.feed(places.get(i), inputs.get(i));
    }
    result = runner.run();
  }

  @Override
  public float[] result() {
    TFloat32 values = (TFloat32) result.get(0);
    float[] all = new float[Math.toIntExact(values.size())];
    values.asRawTensor().data().asFloats().read(all);
    return turn.apply(all);
  }

  @Override
  public void close() {
    if (result != null) {
      result.close();
    }
    inputs.forEach(TFloat32::close);
    session.close();
    graph.close();
  }
}
