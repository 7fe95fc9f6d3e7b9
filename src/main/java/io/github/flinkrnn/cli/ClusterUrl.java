package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkrnn.job.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.Optional;

/**
 * The URL of a cluster's REST interface. It may have a path, if the cluster is behind a proxy.
 *
 * @param root the URL without a slash at its end, user, password and fragment
 * @param login the header {@code Authorization} for the URL's user and password, if it has them
 */
record ClusterUrl(URI root, Optional<String> login) {
  private static final int MAX_PORT = 65_535;

  /**
   * @param option the option with this URL, for errors
   * @throws UsageException if the URL is invalid. The message does not contain its password
   */
  static ClusterUrl of(String option, String text) {
    try {
      URI uri = new URI(text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      // A fragment is in the address of Flink's Web UI: http://localhost:8081/#/overview
      if (web
          && uri.getHost() != null
          && uri.getPort() <= MAX_PORT
          && uri.getRawQuery() == null
          && !isLoginCut(uri)) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String path = uri.getRawPath().replaceFirst("/+$", "");
        URI root = URI.create(uri.getScheme() + "://" + uri.getHost() + port + path);
        return new ClusterUrl(root, Optional.ofNullable(uri.getUserInfo()).map(ClusterUrl::basic));
      }
    } catch (URISyntaxException e) {
      throw invalid(option, text); // without the cause, which quotes the URL
    }
    throw invalid(option, text);
  }

  /** Whether a slash or # in a password ended the host, as in http://user:12/34@host. */
  private static boolean isLoginCut(URI uri) {
    return uri.getRawPath().contains("@")
        || (uri.getRawFragment() != null && uri.getRawFragment().contains("@"));
  }

  private static UsageException invalid(String option, String text) {
    // The text before the last @ may contain a password.
    String shown = text.replaceFirst("(?s)^([a-zA-Z][a-zA-Z0-9+.-]*://)?.*@", "$1…@");
    String hint =
        text.contains("@")
            ? "; in a user or a password, write %40 for @, %2F for /, %23 for #"
            : "";
    return new UsageException(
        (option + " " + shown + ": expected the URL of a cluster, like http://localhost:8081")
            + hint);
  }

  private static String basic(String user) {
    String whole = user.contains(":") ? user : user + ":";
    return "Basic " + Base64.getEncoder().encodeToString(whole.getBytes(UTF_8));
  }

  /** The URL of a path of the REST interface. */
  URI of(String path) {
    return URI.create(root + path);
  }
}
