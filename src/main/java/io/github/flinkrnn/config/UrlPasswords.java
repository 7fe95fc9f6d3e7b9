package io.github.flinkrnn.config;

import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;

/**
 * Hides the user and the password of URLs: {@code http://user:password@host}. In a Web address, all
 * before the last {@code @} may be a password, which may have a slash: {@code
 * http://user:1/2@host}. Other schemes have an {@code @} in paths.
 */
@Internal
public final class UrlPasswords {
  private static final Pattern LOGIN =
      Pattern.compile(
          "(?<=\\bhttps?)://[^\\s'\"]*:[^\\s'\"]*@|://[^\\s/?#'\"@]*:[^\\s/?#'\"]*@",
          Pattern.CASE_INSENSITIVE);

  private UrlPasswords() {}

  /** The text with {@code …} in place of each user and password. */
  public static String hide(String text) {
    return text == null ? null : LOGIN.matcher(text).replaceAll("://…@");
  }
}
