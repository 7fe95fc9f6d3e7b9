package io.github.flinkrnn;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every message that a user can see, read from the sources: errors, log lines, output of the
 * launcher. To change a message, copy {@code target/messages.txt} to the golden list, so that
 * reviewers see the change.
 */
class MessagesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/github/flinkrnn");
  private static final Path GOLDEN = Path.of("src/test/resources/messages.txt");
  private static final Path ACTUAL = Path.of("target/messages.txt");

  /** Wordings that no message may have, each with the right one. */
  private static final Pattern WRONG =
      Pattern.compile(
          String.join(
              "|",
              "\\balone\\b", // only
              "\\bbehind\\b", // after
              "\\bbeside\\b", // with, besides
              "\\bthat is none\\b", // invalid
              "\\bfor ever\\b", // forever
              "\\bis not a field here\\b", // unknown field
              "\\bis missing\\b", // missing: expected …
              ", expected\\b", // expected …, found …
              "\\bwhole numbers?\\b", // integer
              "\\b(a text|texts)\\b", // a string
              "\\b(a|constant) list\\b", // an array
              "\\bputs? out\\b", // emitted, rejected
              "\\brefused?\\b", // rejected, not supported
              "\\bstands?\\b", // is
              "\\bfor (it|the \\w+) (is|has|are)\\b", // because
              "  |^ +$|\\.$"));

  /** The messages that may match, each with the reason. */
  private static final Set<String> EXCEPTIONS = Set.of();

  private static final Messages FOUND = new Messages();

  @BeforeAll
  static void readsTheSources() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (Stream<Path> files = Files.walk(SOURCES);
        StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      var units = manager.getJavaFileObjectsFromPaths(sources);
      JavacTask parser = (JavacTask) compiler.getTask(null, manager, null, null, null, units);
      for (CompilationUnitTree unit : parser.parse()) {
        Path file = SOURCES.toAbsolutePath().relativize(Path.of(unit.getSourceFile().toUri()));
        FOUND.scan(unit, file.toString().replace(".java", ""));
      }
    }
  }

  @Test
  void theGoldenListHasEveryMessage() throws IOException {
    Files.createDirectories(ACTUAL.getParent());
    Files.write(ACTUAL, FOUND.lines);

    assertThat(FOUND.lines)
        .as("to accept the changes, copy %s to %s", ACTUAL, GOLDEN)
        .containsExactlyElementsOf(Files.readAllLines(GOLDEN));
  }

  @Test
  void everyMessageHasTheStandardWording() {
    assertThat(FOUND.lines)
        .filteredOn(line -> WRONG.matcher(line.substring(line.indexOf(": ") + 2)).find())
        .containsExactlyInAnyOrderElementsOf(EXCEPTIONS);
  }

  /** Collects every phrase, and single words where they are certainly messages. */
  private static final class Messages extends TreeScanner<Void, String> {
    private static final Pattern CREATED =
        Pattern.compile("\\w+Exception|Rejection|Refusal|Problem");
    private static final Set<String> SAYING =
        Set.of("say", "sayDone", "sayError", "warn", "info", "error", "println", "pause");

    /** Methods whose arguments are patterns, or are for developers. */
    private static final Set<String> READING =
        Set.of("compile", "matches", "replaceFirst", "replaceAll", "split", "contains", "trace");

    private static final Pattern FORMAT = Pattern.compile("%[-,.0-9]*[a-hs]");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]{2}");
    private static final Pattern PHRASE = Pattern.compile("[A-Za-z]{2}.* | .*[A-Za-z]{2}");

    private final Set<String> lines = new TreeSet<>();

    @Override
    public Void visitNewClass(NewClassTree created, String place) {
      var arguments = created.getArguments();
      if (!arguments.isEmpty() && CREATED.matcher(created.getIdentifier().toString()).matches()) {
        add(arguments.get(arguments.size() - 1), true, place);
      }
      return super.visitNewClass(created, place);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, String place) {
      String name =
          call.getMethodSelect() instanceof MemberSelectTree select
              ? select.getIdentifier().toString()
              : ((IdentifierTree) call.getMethodSelect()).getName().toString();
      if (READING.contains(name)) {
        return scan(call.getMethodSelect(), place);
      }
      if (SAYING.contains(name)) {
        call.getArguments().forEach(argument -> add(argument, true, place));
      }
      return super.visitMethodInvocation(call, place);
    }

    @Override
    public Void visitBinary(BinaryTree binary, String place) {
      List<Tree> parts = parts(binary);
      if (parts.stream().noneMatch(Messages::isText)) {
        return super.visitBinary(binary, place);
      }
      add(binary, false, place);
      parts.stream().filter(part -> !isText(part)).forEach(part -> scan(part, place));
      return null;
    }

    @Override
    public Void visitLiteral(LiteralTree literal, String place) {
      add(literal, false, place);
      return null;
    }

    private void add(Tree tree, boolean word, String place) {
      if (tree instanceof ConditionalExpressionTree either) {
        add(either.getTrueExpression(), word, place);
        add(either.getFalseExpression(), word, place);
      } else if (parts(tree).stream().anyMatch(Messages::isText)) {
        String text = parts(tree).stream().map(Messages::text).collect(joining());
        boolean isBlock = text.contains("\n"); // the help, which is in columns
        FORMAT
            .matcher(text)
            .replaceAll("{}")
            .lines()
            .map(line -> isBlock ? line.strip().replaceAll(" +", " ") : line)
            .map(line -> line.replaceAll("(\\{})+", "{}"))
            .filter(line -> (word ? WORD : PHRASE).matcher(line).find())
            .forEach(line -> lines.add(place + ": " + line));
      }
    }

    /** The operands of a concatenation, or the tree itself. */
    private static List<Tree> parts(Tree tree) {
      if (tree instanceof ParenthesizedTree inner) {
        List<Tree> parts = parts(inner.getExpression());
        return parts.stream().anyMatch(Messages::isText) ? parts : List.of(tree);
      }
      if (tree instanceof BinaryTree binary && binary.getKind() == Tree.Kind.PLUS) {
        List<Tree> parts = new ArrayList<>(parts(binary.getLeftOperand()));
        parts.addAll(parts(binary.getRightOperand()));
        return parts;
      }
      return List.of(tree);
    }

    private static boolean isText(Tree tree) {
      return tree.getKind() == Tree.Kind.STRING_LITERAL;
    }

    private static String text(Tree tree) {
      return tree instanceof LiteralTree literal ? String.valueOf(literal.getValue()) : "{}";
    }
  }
}
