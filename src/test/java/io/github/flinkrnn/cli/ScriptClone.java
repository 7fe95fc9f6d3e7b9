package io.github.flinkrnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A checkout with one of the scripts in {@code jobs}, and a Maven and a Java that only say that
 * they ran: what the script asks of them is seen without either.
 */
public final class ScriptClone {
  /** What they share. */
  private static final List<String> SOURCED = List.of("java.sh", "real-processes.sh");

  private final Path directory;
  private final Path script;

  /**
   * @param directory an empty one
   * @param name of the script
   * @param target what a build leaves for the script to see
   */
  public ScriptClone(Path directory, String name, String target) throws IOException {
    this.directory = directory;
    script = Files.createDirectories(directory.resolve("jobs")).resolve(name);
    Files.copy(Path.of("jobs", name), script);
    for (String sourced : SOURCED) {
      Files.copy(Path.of("jobs", sourced), script.resolveSibling(sourced));
    }
    Files.writeString(directory.resolve("pom.xml"), "");
    write(
        "bin/mvn",
        "echo built; mkdir -p "
            + target
            + "; for a in \"$@\"; do case $a in"
            + " -Dmdep.outputFile=*) printf a.jar:b.jar >\"${a#*=}\" ;; esac; done");
    writeJava("17.0.1");
    write("bin/javac", "");
  }

  /** Puts a Java there that says that it is of a version, and what else it is started with. */
  public void writeJava(String version) throws IOException {
    write(
        "bin/java",
        "case $1 in -XshowSettings*) echo '    java.home = %s'; echo '    java.version = %s' ;;"
                .formatted(directory, version)
            + " *) for a in \"$@\"; do echo \"$a\"; done ;; esac");
  }

  /** Puts a script of one line somewhere. */
  public void write(String name, String line) throws IOException {
    Path path = directory.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\n" + line + "\n");
    if (!path.toFile().setExecutable(true)) {
      throw new IOException(path + " cannot be made executable");
    }
  }

  /** Takes away the right to write: what a script would call for it fails. */
  public void makeReadOnly() throws IOException {
    for (String name : List.of("mkdir", "rm", "touch")) {
      write("bin/" + name, "echo " + name + ": Read-only file system >&2; exit 1");
    }
  }

  /** The lines of a file, {@code stdout} and {@code stderr} being those of the last run. */
  public List<String> lines(String file) throws IOException {
    return Files.readAllLines(directory.resolve(file));
  }

  /**
   * Runs the script; its exit status.
   *
   * @param environment beside this process's, where an empty value takes a variable away
   */
  public int run(Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("stdout").toFile())
            .redirectError(directory.resolve("stderr").toFile());
    Map<String, String> variables = builder.environment();
    variables.put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
    variables.put("JAVA_HOME", directory.toString());
    variables.putAll(environment);
    variables.values().removeIf(String::isEmpty);
    return builder.start().waitFor();
  }
}
