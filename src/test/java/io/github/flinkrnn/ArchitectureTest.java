package io.github.flinkrnn;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages, lowest first, and which of the packages before it each may import. */
class ArchitectureTest {
  private static final String ROOT = "io.github.flinkrnn.";

  private static final Map<String, List<String>> ROOMS = new LinkedHashMap<>();

  static {
    // Configuration files and errors.
    room("config");

    // The mathematics.
    room("kernel");
    room("kernel.simd", "kernel");
    room("layer", "kernel");
    room("network", "kernel", "layer");
    room("onnxruntime", "config", "layer", "network");

    // From files to a network. No reader of a format knows another.
    room("formats", "config", "kernel", "layer", "network");
    room("formats.safetensors", "config", "formats");
    room("formats.pytorch", "config", "kernel", "layer", "network", "formats");
    room("formats.parameters", "config", "kernel", "layer", "network", "formats");
    room("formats.keras", "config", "kernel", "layer", "network", "formats");
    room("formats.onnx", "config", "kernel", "layer", "network", "onnxruntime", "formats");
    room(
        "model",
        "config",
        "kernel",
        "layer",
        "network",
        "formats",
        "formats.safetensors",
        "formats.pytorch",
        "formats.parameters",
        "formats.keras",
        "formats.onnx");

    // The stream.
    room("sequence");
    room("json", "config", "sequence");
    room("rules", "sequence");
    // Needs json for the dead letter of a token that a program created.
    room(
        "operator", "config", "kernel", "network", "formats", "model", "sequence", "json", "rules");

    // The endpoints, which do not know models.
    room("kafka", "sequence");
    room("file", "sequence");

    room("job", "config", "model", "sequence", "rules", "operator", "json", "kafka", "file");
    // Reads the options of a statement as those of a job file.
    room("sql", "config", "model", "sequence", "rules", "operator", "job");
    room(
        "cli",
        "config",
        "layer",
        "network",
        "model",
        "sequence",
        "rules",
        "operator",
        "json",
        "kafka",
        "file",
        "job",
        "sql");
  }

  private static void room(String name, String... imports) {
    ROOMS.put(name, List.of(imports));
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.flinkrnn");

  static Stream<String> rooms() {
    return ROOMS.keySet().stream();
  }

  @Test
  void everyPackageIsInTheTable() {
    Set<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(type.getPackageName().substring(ROOT.length())));
    assertThat(packages).containsExactlyInAnyOrderElementsOf(ROOMS.keySet());
  }

  @Test
  void aPackageImportsOnlyPackagesBeforeIt() {
    Set<String> before = new TreeSet<>();
    ROOMS.forEach(
        (room, imports) -> {
          assertThat(before.containsAll(imports)).as(room).isTrue();
          before.add(room);
        });
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void importsOnlyPackagesThatTheTableAllows(String room) {
    List<String> allowed = new ArrayList<>(List.of(ROOT + room));
    ROOMS.get(room).forEach(name -> allowed.add(ROOT + name));
    classes()
        .that()
        .resideInAPackage(ROOT + room)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("io.github.flinkrnn..")
                .or(resideInAnyPackage(allowed.toArray(String[]::new))))
        .check(CLASSES);
  }

  @Test
  void noPackagesImportEachOther() {
    slices().matching("io.github.flinkrnn.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** A model runs without Flink, so it may only use Flink's annotations. */
  @Test
  void modelsKnowNothingOfFlinkAndKafka() {
    String[] rooms =
        Arrays.stream(
                new String[] {
                  "config..",
                  "kernel..",
                  "layer..",
                  "network..",
                  "onnxruntime..",
                  "formats..",
                  "model..",
                  "rules.."
                })
            .map(ROOT::concat)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAnyPackage(rooms)
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.apache.flink..", "org.apache.kafka..")
                .and(not(resideInAPackage("org.apache.flink.annotation.."))))
        .check(CLASSES);
  }

  /** So that users know which types are stable. */
  @Test
  void everyPublicTypeIsAnnotated() {
    classes()
        .that()
        .arePublic()
        .and()
        .areTopLevelClasses()
        .should()
        .beAnnotatedWith(PublicEvolving.class)
        .orShould()
        .beAnnotatedWith(Internal.class)
        .check(CLASSES);
  }

  @Test
  void theJavadocJarHasTheTypesForUsers() throws IOException {
    List<String> files =
        CLASSES.stream()
            .filter(type -> type.isAnnotatedWith(PublicEvolving.class))
            .map(type -> type.getName().replace('.', '/') + ".java")
            .toList();
    assertThat(
            Files.readAllLines(Path.of("pom.xml")).stream()
                .map(String::strip)
                .filter(line -> line.matches("<include>io/github/.*\\.java</include>"))
                .map(line -> line.replaceAll("</?include>", "")))
        .containsExactlyInAnyOrderElementsOf(files);
  }
}
