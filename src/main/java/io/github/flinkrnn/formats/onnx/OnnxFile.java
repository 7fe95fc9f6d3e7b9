package io.github.flinkrnn.formats.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.formats.LoadMemory;
import io.github.flinkrnn.formats.ModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the ModelProto of a model file (field numbers: onnx/onnx.proto). The file is untrusted: any
 * bytes lead to a graph or to one {@link InvalidFileException}, and memory stays within a small
 * multiple of the size of the file and of the data that it refers to.
 */
final class OnnxFile {
  private static final int MAX_NODES = 10_000;
  private static final int MAX_PER_NODE = 1_000; // inputs, outputs, attributes
  private static final long FIRST_OPSET = 7;
  private static final long LAST_OPSET = 25;
  private static final int MAX_NESTING = 4;
  private static final Set<String> LOOPS = Set.of("Loop", "Scan", "SequenceMap");

  private final String file;
  private final ProtoReader in;
  private final ExternalData external;
  private long opset;
  private boolean hasGraph;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private UnsupportedGraphException unsupported; // the first reason

  private final OnnxFile parent; // of the graph of an attribute; else null
  private final int nesting;
  private int inside; // nodes and initializers of the graphs in attributes

  private OnnxFile(String file, ProtoReader in, ExternalData external, OnnxFile parent) {
    this.parent = parent;
    this.nesting = parent == null ? 0 : parent.nesting + 1;
    this.file = file;
    this.in = in;
    this.external = external;
  }

  static OnnxGraph read(ModelFiles files, String name, LoadMemory memory) throws IOException {
    String file = files.path(name);
    long size = files.size(name);
    if (size > Integer.MAX_VALUE) {
      throw new InvalidFileException(file, "", "expected less than 2 GiB, found more");
    }
    try (InputStream stream = files.open(name);
        ExternalData external = new ExternalData(files, file, memory)) {
      ProtoReader in = new ProtoReader(stream, (int) size, file, memory);
      try {
        return new OnnxFile(file, in, external, null).graph();
      } catch (InvalidProtocolBufferException e) {
        throw new InvalidFileException(
            file,
            "byte " + in.position(),
            "cannot be read as an ONNX model (a protobuf ModelProto): " + e.getMessage());
      }
    }
  }

  private OnnxGraph graph() throws IOException {
    in.fields(this::modelField);
    if (!hasGraph) {
      throw invalid("", "missing: expected the graph of an ONNX model");
    }
    if (opset < FIRST_OPSET || opset > LAST_OPSET) {
      throw invalid("", "expected operator set 7 to 25, found " + opset);
    }
    return new OnnxGraph(opset, nodes, constants, inputs, outputs, unsupported);
  }

  /** A graph in an attribute: a branch of an If. */
  private OnnxGraph subgraph() throws IOException {
    if (nesting >= MAX_NESTING) {
      throw new InvalidProtocolBufferException("graphs nested more than 4 deep");
    }
    OnnxFile child = new OnnxFile(file, in, external, this);
    in.message(child::graphField);
    unsupported = unsupported == null ? child.unsupported : unsupported;
    inside += child.count();
    return new OnnxGraph(opset, child.nodes, child.constants, child.inputs, child.outputs, null);
  }

  private int count() {
    return Math.max(nodes.size(), constants.size()) + inside;
  }

  private int countOfAll() {
    return count() + (parent == null ? 0 : parent.countOfAll());
  }

  private boolean modelField(int number) throws IOException {
    switch (number) {
      case 7 -> {
        if (hasGraph) {
          throw invalid("", "expected one graph, found two");
        }
        hasGraph = true;
        in.message(this::graphField);
      }
      case 8 -> opsetImport();
      case 25 -> {
        unsupported("", "expected no functions (custom operators)");
        return false;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void opsetImport() throws IOException {
    String[] domain = {""};
    long[] version = {0};
    in.message(
        number -> {
          switch (number) {
            case 1 -> domain[0] = in.text();
            case 2 -> version[0] = in.integer();
            default -> {
              return false;
            }
          }
          return true;
        });
    if (isStandard(domain[0])) {
      opset = version[0];
    }
  }

  static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  private boolean graphField(int number) throws IOException {
    switch (number) {
      case 1 -> nodes.add(node());
      case 5 -> {
        OnnxTensor tensor = TensorReader.read(file, in, external);
        if (constants.put(tensor.name(), tensor) != null) {
          throw invalid(
              "tensor '" + tensor.name() + "'", "expected one tensor of this name, found two");
        }
        expectReadable(tensor);
      }
      case 11 -> inputs.add(InputReader.read(in));
      case 12 -> outputs.add(InputReader.read(in));
      case 15 -> throw invalid("", "expected dense initializers, found sparse ones");
      default -> {
        return false;
      }
    }
    if (countOfAll() > MAX_NODES || Math.max(inputs.size(), outputs.size()) > MAX_PER_NODE) {
      throw invalid(
          "",
          "expected at most 10000 nodes and initializers, and 1000 inputs and outputs, found more");
    }
    return true;
  }

  private OnnxNode node() throws IOException {
    String[] texts = {"", "", ""}; // name, op, domain
    List<String> ins = new ArrayList<>();
    List<String> outs = new ArrayList<>();
    Map<String, Object> attributes = new LinkedHashMap<>();
    boolean[] subgraph = {false};
    in.message(
        number -> {
          switch (number) {
            case 1 -> ins.add(in.text());
            case 2 -> outs.add(in.text());
            case 3 -> texts[0] = in.text();
            case 4 -> texts[1] = in.text();
            case 5 -> {
              AttributeReader attribute = AttributeReader.read(file, in, external, this::subgraph);
              subgraph[0] |= attribute.isSubgraph();
              attributes.put(attribute.name(), attribute.value());
            }
            case 7 -> texts[2] = in.text();
            default -> {
              return false;
            }
          }
          if (ins.size() + outs.size() + attributes.size() > MAX_PER_NODE) {
            throw new InvalidProtocolBufferException("a node of more than 1000 inputs and outputs");
          }
          return true;
        });
    OnnxNode node = new OnnxNode(nodes.size(), texts[0], texts[1], texts[2], ins, outs, attributes);
    if ((subgraph[0] && !node.op().equals("If")) || LOOPS.contains(node.op())) {
      unsupported(node.place(), "expected a graph without branches and loops, found a subgraph");
    }
    for (Object value : attributes.values()) {
      if (value instanceof OnnxTensor tensor) {
        expectReadable(tensor);
      }
    }
    return node;
  }

  private void expectReadable(OnnxTensor tensor) {
    if (tensor.isOpaque()) {
      unsupported(
          "tensor '" + tensor.name() + "'",
          TensorReader.TYPES + "a type that no built-in cell reads");
    }
    for (int i = 0; tensor.isFloat() && i < tensor.length(); i++) {
      float number = tensor.floats()[i];
      if (!Float.isFinite(number)) {
        unsupported(
            "tensor '" + tensor.name() + "'",
            "expected finite float32 numbers, found " + number + " at index " + i);
        return;
      }
    }
  }

  private void unsupported(String place, String problem) {
    if (unsupported == null) {
      unsupported = new UnsupportedGraphException(file, place, problem);
    }
  }

  private InvalidFileException invalid(String place, String problem) {
    return new InvalidFileException(file, place, problem);
  }
}
