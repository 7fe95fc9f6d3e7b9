package io.github.flinkrnn.config;

import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;

/** Hides the user and the password of URLs: {@code http://user:password@host}. */
@Internal
public final class UrlPasswords {
  private static final Pattern LOGIN = Pattern.compile("://[^\\s/?#'\"@]*:[^\\s/?#'\"]*@");

  private UrlPasswords() {}

  /** The text with {@code …} in place of each user and password. */
  public static String hide(String text) {
    return text == null ? null : LOGIN.matcher(text).replaceAll("://…@");
  }
}
