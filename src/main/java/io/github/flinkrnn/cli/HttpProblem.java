package io.github.flinkrnn.cli;

import io.github.flinkrnn.config.UrlPasswords;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Says in one line why a URL does not answer as the REST interface of Flink. */
final class HttpProblem {
  private static final Pattern OTHER_HOST =
      Pattern.compile("No (subject alternative|name matching).*");
  private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");
  private static final String TRUSTSTORE = "flink.security.ssl.rest.truststore";
  private static final String KEYSTORE = "flink.security.ssl.rest.keystore";

  private HttpProblem() {}

  /** The problem with a response that is not one of Flink's. */
  static String of(URI asked, HttpResponse<?> response) {
    int status = response.statusCode();
    String http = " (HTTP " + status + ")";
    if (status >= 300 && status < 400) {
      return "found a redirect"
          + response
              .headers()
              .firstValue("Location")
              .map(to -> " to " + shown(asked, to))
              .orElse("")
          + http
          + "; use the URL of the cluster itself";
    }
    return switch (status) {
      case 401, 407 ->
          response.request().headers().firstValue("Authorization").isPresent()
              ? "the login that was sent was not accepted" + http
              // No example of a URL: its password would be hidden like a real one.
              : "a login is required" + http + "; expected a user and a password before the host";
      case 403 -> "access is denied" + http;
      case 404 ->
          "found nothing at " + asked + http + "; expected Flink's REST interface at that URL";
      default ->
          status < 300
              ? "the server is not a Flink cluster: unexpected answer at " + asked
              : "found an error of the server or a proxy" + http;
    };
  }

  private static String shown(URI asked, String location) {
    try {
      return UrlPasswords.hide(asked.resolve(location).toString());
    } catch (IllegalArgumentException e) {
      return UrlPasswords.hide(location);
    }
  }

  /**
   * The problem of a request without a response.
   *
   * @param patience how long the response was waited for
   */
  static String of(URI asked, Throwable failure, Duration patience) {
    boolean tls = "https".equals(asked.getScheme());
    for (Throwable at = failure; at != null; at = at.getCause()) {
      Optional<String> found = certificate(asked, at);
      if (found.isPresent()) {
        return found.get();
      }
      if (at instanceof HttpTimeoutException) {
        return ("no answer within " + patience.toSeconds() + " s")
            + (tls ? "; if the server does not use TLS, use http://" : "");
      }
      if (at instanceof UnresolvedAddressException || at instanceof UnknownHostException) {
        return "no Flink cluster answered: unknown host " + asked.getHost();
      }
    }
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SSLException) {
        return tls(String.valueOf(at.getMessage()));
      }
      if (at instanceof ConnectException) {
        return "no Flink cluster answered";
      }
    }
    return "the server ended the connection without an answer in HTTP"
        + (tls ? "" : "; if it expects TLS, use https://");
  }

  private static Optional<String> certificate(URI asked, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof CertPathBuilderException) {
      return Optional.of("its certificate is not trusted; name a trust store in " + TRUSTSTORE);
    }
    if (failure instanceof InvalidAlgorithmParameterException) {
      return Optional.of("its certificate is not trusted: the trust store has no certificates");
    }
    if (failure instanceof CertificateExpiredException
        || failure instanceof CertificateNotYetValidException) {
      return Optional.of("its certificate is not valid at this time: " + message);
    }
    if (failure instanceof CertificateException && OTHER_HOST.matcher(message).matches()) {
      return Optional.of(
          "its certificate is for another host than " + asked.getHost() + ": " + message);
    }
    return Optional.empty();
  }

  private static String tls(String message) {
    if (message.contains("Unsupported or unrecognized SSL message")
        || message.contains("plaintext connection")) {
      return "the server does not use TLS; use http://";
    }
    var alert = ALERT.matcher(message);
    if (alert.find()) {
      return "the server rejects the TLS connection: "
          + alert.group(1)
          + " (if it requires a client certificate, name it in "
          + (KEYSTORE + ")");
    }
    return "TLS failed: " + message;
  }
}
