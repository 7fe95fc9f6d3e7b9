package io.github.flinkrnn.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the build says of itself. */
final class Pom {
  private Pom() {}

  /** The project's version: the first in the file. */
  static String version() {
    return property("version");
  }

  /** The text of the first element of that name. */
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
