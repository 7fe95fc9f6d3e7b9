package io.github.flinkrnn.formats.onnx;

import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.NetworkConfig;
import io.github.flinkrnn.formats.onnx.LayerLinks.Link;
import io.github.flinkrnn.formats.onnx.Term.Cell;
import io.github.flinkrnn.formats.onnx.Term.Made;
import io.github.flinkrnn.formats.onnx.Term.State;
import io.github.flinkrnn.formats.onnx.Term.Step;
import io.github.flinkrnn.formats.onnx.Value.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The outputs of a sequence graph that are predictions: those that config.json names, or the only
 * one that is not a state.
 *
 * @param file the weights file in errors
 */
record GraphOutputs(String file, OnnxGraph graph, GraphWalk walk, LayerLinks links) {
  /**
   * An output that the built-in layers compute.
   *
   * @param term the vector, without a softmax at the end
   * @param end the place of the node of that softmax; empty for none
   */
  record Candidate(Signal signal, Term term, String end, List<Link> chain) {}

  static boolean hasState(Link link) {
    return link.term().kind() instanceof Cell
        || (link.term().kind() instanceof Made made && made.layer().stateSize() > 0)
        || link.inner().stream().anyMatch(GraphOutputs::hasState);
  }

  /** The outputs, one for each head. */
  List<Candidate> chosen(StepNames names, NetworkConfig config) {
    if (!config.namesHeads()) {
      return List.of(
          names.output().isPresent()
              ? named(names.file(), "output.tensor", names.output().get())
              : only());
    }
    List<Candidate> heads = new ArrayList<>();
    List<String> chosen = new ArrayList<>();
    for (int h = 0; h < config.heads().size(); h++) {
      Optional<String> tensor = names.heads().get(h);
      String name = config.heads().get(h).name();
      String place = config.heads().get(h).place() + ".tensor";
      if (tensor.isEmpty() && !graph.outputNames().contains(name)) {
        throw new InvalidFileException(
            names.file(),
            place,
            "missing: expected one of the outputs " + graph.outputNames() + " of " + file);
      }
      int other = chosen.indexOf(tensor.orElse(name));
      if (other >= 0) {
        throw new InvalidFileException(
            names.file(),
            place,
            "expected another output than that of " + config.heads().get(other).place());
      }
      chosen.add(tensor.orElse(name));
      heads.add(named(names.file(), place, tensor.orElse(name)));
    }
    return heads;
  }

  private Candidate named(String config, String place, String output) {
    if (!graph.outputNames().contains(output)) {
      throw new InvalidFileException(
          config,
          place,
          "expected one of the outputs "
              + graph.outputNames()
              + " of "
              + file
              + ", found '"
              + output
              + "'");
    }
    UnsupportedGraphException why = walk.whyNot(output);
    if (why != null) {
      throw why;
    }
    if (!(walk.values().get(output) instanceof Signal signal) || isState(signal)) {
      throw new UnsupportedGraphException(
          file, "output '" + output + "'", "expected a vector of each step, found a state");
    }
    Candidate candidate = candidate(signal);
    if (candidate.chain().stream().noneMatch(GraphOutputs::hasState)) {
      throw new UnsupportedGraphException(
          file, "output '" + output + "'", "expected an output of a recurrent layer");
    }
    return whole(candidate);
  }

  private Candidate candidate(Signal signal) {
    Term term = signal.term();
    boolean ends = term.is(Term.SOFTMAX) || term.is(Term.LOG_SOFTMAX);
    Term vector = ends ? term.x() : term;
    return new Candidate(signal, vector, ends ? term.source() : "", links.to(vector));
  }

  private Candidate whole(Candidate candidate) {
    if (!candidate.signal().endsInFeatures()) {
      throw new InvalidFileException(
          file, "", "expected the features of a step as the last dimension of the output");
    }
    return candidate;
  }

  /** The only output of the graph that is not a state. */
  private Candidate only() {
    UnsupportedGraphException why = null;
    List<Candidate> found = new ArrayList<>();
    for (String name : graph.outputNames()) {
      why = why == null ? walk.whyNot(name) : why;
      if (!(walk.values().get(name) instanceof Signal signal) || isState(signal)) {
        continue;
      }
      try {
        Candidate candidate = candidate(signal);
        if (candidate.chain().stream().anyMatch(GraphOutputs::hasState)) {
          found.add(candidate);
        }
      } catch (UnsupportedGraphException e) {
        why = why == null ? e : why;
      }
    }
    if (found.size() > 1) {
      found.removeIf(candidate -> candidate.signal().isState());
    }
    if (found.size() > 1) {
      found.removeIf(candidate -> isRecurrent(candidate.term()));
    }
    if (found.isEmpty() && why != null) {
      throw why;
    }
    if (found.size() != 1) {
      throw new UnsupportedGraphException(
          file,
          "",
          "expected one output, besides states, that comes from a recurrent node RNN, GRU or LSTM,"
              + " found "
              + graph.outputNames()
              + (found.isEmpty() ? "" : " (output.tensor or outputs in config.json can name it)"));
    }
    return whole(found.get(0));
  }

  private static boolean isState(Signal signal) {
    return signal.term().kind() instanceof State || signal.term().input() == signal.term();
  }

  private static boolean isRecurrent(Term term) {
    return term.kind() instanceof Cell || term.kind() instanceof Step;
  }
}
