package io.github.flinkrnn.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A checkout with one of the scripts in {@code jobs}, and a fake Maven and a fake Java that only
 * report that they ran. This shows what the script calls.
 */
public final class ScriptClone {
  /** The files that the scripts share. */
  private static final List<String> SOURCED = List.of("java.sh", "real-processes.sh");

  private final Path directory;
  private final Path script;

  /**
   * @param directory an empty directory
   * @param name the name of the script
   * @param target the file of a build that the script looks for
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

  /** Writes a fake Java that reports this version, and prints its arguments. */
  public void writeJava(String version) throws IOException {
    write(
        "bin/java",
        "case $1 in -XshowSettings*) echo '    java.home = %s'; echo '    java.version = %s' ;;"
                .formatted(directory, version)
            + " *) for a in \"$@\"; do echo \"$a\"; done ;; esac");
  }

  /** Writes a script of one line. */
  public void write(String name, String line) throws IOException {
    Path path = directory.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\n" + line + "\n");
    if (!path.toFile().setExecutable(true)) {
      throw new IOException(path + " cannot be made executable");
    }
  }

  /** Removes the write permission. Programs that would write on behalf of the script fail. */
  public void makeReadOnly() throws IOException {
    for (String name : List.of("mkdir", "rm", "touch")) {
      write("bin/" + name, "echo " + name + ": Read-only file system >&2; exit 1");
    }
  }

  /** The lines of a file. {@code stdout} and {@code stderr} are those of the last run. */
  public List<String> lines(String file) throws IOException {
    return Files.readAllLines(directory.resolve(file));
  }

  /**
   * Runs the script and returns its exit status.
   *
   * @param environment variables in addition to those of this process; an empty value removes one
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
