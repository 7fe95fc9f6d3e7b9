package io.github.flinkrnn.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values from the POM. */
final class Pom {
  private Pom() {}

  /** The version of the project: the first in the file. */
  static String version() {
    return property("version");
  }

  /** The content of the first element with this name. */
  static String property(String name) {
    String tag = Pattern.quote(name);
    Matcher found = Pattern.compile("<" + tag + ">([^<]+)</" + tag + ">").matcher(text());
    if (!found.find()) {
      throw new AssertionError("no " + name + " in pom.xml");
    }
    return found.group(1);
  }

  private static String text() {
    try {
      return Files.readString(Path.of("pom.xml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
