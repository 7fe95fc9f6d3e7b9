package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.formats.onnx.Term.Activated;
import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Term.Op;
import io.github.flinkrnn.formats.onnx.Term.Scaled;
import io.github.flinkrnn.layer.Activation;
import io.github.flinkrnn.layer.LayerNorm;
import java.util.List;
import java.util.Set;

/**
 * Layers that exporters write as several nodes, because the operator set has none for them: GELU,
 * SiLU, layer norm and RMS norm. A pattern is found at its last node.
 */
final class Patterns {
  private static final double NEAR = 1e-5; // of a constant that the file holds as float32

  private final NodeCall call;
  private final Term term;

  private Patterns(NodeCall call, Term term) {
    this.call = call;
    this.term = term;
  }

  /** The layer that ends with this term, or the term itself. */
  static Term known(NodeCall call, Term term) {
    return new Patterns(call, term).found();
  }

  private Term found() {
    if (term.kind() instanceof Scaled) {
      Term gelu = term.x().is("Mul") ? gelu(term.x(), factor(term)) : null;
      return gelu == null ? term : gelu;
    }
    if (term.is("Log") && term.x().is(Term.SOFTMAX)) {
      return new Term(
          new Op(Term.LOG_SOFTMAX), term.x().of(), term.size(), term.source(), Set.of());
    }
    if (term.is("Div")) {
      Term norm = norm(term.of().get(0), term.of().get(1));
      return norm == null ? term : norm;
    }
    return term.is("Mul") ? product() : term;
  }

  private Term product() {
    Term a = term.of().get(0);
    Term b = term.of().get(1);
    if (a == b) {
      return piece("Square", a);
    }
    for (boolean turned : new boolean[] {false, true}) {
      Term one = turned ? b : a;
      Term other = turned ? a : b;
      if (one.is("Square") && one.x() == other) {
        return piece("Cube", other);
      }
      if (one.is(Activation.SIGMOID) && one.x() == other) {
        return ActivationNode.activated(call, Activation.SILU, other);
      }
      Term norm = one.is("Reciprocal") ? norm(other, one.x()) : null;
      if (norm != null) {
        return norm;
      }
    }
    Term gelu = gelu(term, 1);
    return gelu == null ? term : gelu;
  }

  private Term piece(String op, Term x) {
    return new Term(new Op(op), List.of(x), x.size(), term.source(), Set.of());
  }

  /** The factor of a term that only multiplies by one number; NaN for another. */
  private static double factor(Term term) {
    return term.kind() instanceof Scaled by && isPlain(by) && by.shift()[0] == 0
        ? by.scale()[0]
        : Double.NaN;
  }

  private static boolean isPlain(Scaled by) {
    return by.scale().length == 1;
  }

  private static boolean near(double found, double expected) {
    return Math.abs(found - expected) <= NEAR * Math.abs(expected);
  }

  /** x (1 + e(x)) / 2, with an error function e or a tanh that is close to it. */
  private Term gelu(Term product, double factor) {
    for (boolean turned : new boolean[] {false, true}) {
      Term x = product.of().get(turned ? 1 : 0);
      Term e = product.of().get(turned ? 0 : 1);
      double times = factor;
      if (!Double.isNaN(factor(x))) {
        times *= factor(x);
        x = x.x();
      }
      if (!(e.kind() instanceof Scaled by) || !isPlain(by) || by.scale()[0] != by.shift()[0]) {
        continue;
      }
      if (!near(times * by.scale()[0], 0.5)) {
        continue;
      }
      if (e.x().is("Erf") && e.x().x().kind() instanceof Scaled && e.x().x().x() == x) {
        if (near(factor(e.x().x()), Math.sqrt(0.5))) {
          return ActivationNode.activated(call, Activation.GELU, x);
        }
      } else if (e.x().kind() instanceof Activated g && g.g() == Activation.TANH) {
        Term inner = e.x().x();
        if (near(factor(inner), Math.sqrt(2 / Math.PI)) && isCubic(inner.x(), x)) {
          return ActivationNode.activated(call, Activation.GELU_TANH, x);
        }
      }
    }
    return null;
  }

  /** Whether a term is x + 0.044715 x³. */
  private static boolean isCubic(Term term, Term x) {
    for (boolean turned : new boolean[] {false, true}) {
      if (term.of().size() != 2 || term.of().get(turned ? 1 : 0) != x) {
        continue;
      }
      Term other = term.of().get(turned ? 0 : 1);
      if (!(other.kind() instanceof Scaled by) || !isPlain(by) || !near(by.scale()[0], 0.044715)) {
        continue;
      }
      boolean isSum = term.is("Add") && by.shift()[0] == 0 && other.x().is("Cube");
      boolean isProduct = term.is("Mul") && by.shift()[0] == 1 && other.x().is("Square");
      if ((isSum || isProduct) && other.x().x() == x) {
        return true;
      }
    }
    return false;
  }

  /** d / sqrt(mean(d²) + eps), with d = x - mean(x) for a layer norm. */
  private Term norm(Term d, Term deviation) {
    if (!deviation.is("Sqrt")) {
      return null;
    }
    Term variance = deviation.x();
    double eps = 0;
    if (variance.kind() instanceof Scaled by && isPlain(by) && by.scale()[0] == 1) {
      eps = by.shift()[0];
      variance = variance.x();
    }
    boolean isOfSquares = variance.is("Mean") && variance.x().is("Square");
    if (!isOfSquares || variance.x().x() != d || eps < 0) {
      return null;
    }
    boolean isCentred = d.is("Sub") && d.of().get(1).is("Mean") && d.of().get(1).x() == d.x();
    Term x = isCentred ? d.x() : d;
    LayerNorm norm = new LayerNorm(x.size(), isCentred, eps, null, null);
    return new Term(new Made(norm), List.of(x), x.size(), term.source(), Set.of());
  }
}
