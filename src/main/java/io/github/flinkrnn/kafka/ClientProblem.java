package io.github.flinkrnn.kafka;

import io.github.flinkrnn.kafka.TopicCheck.Problem;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertPathBuilderException;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** Says in one line why a Kafka client cannot be made, or reaches no broker. */
final class ClientProblem {
  private static final String PROPERTIES = "properties";
  private static final String SERVERS = "bootstrap.servers";
  private static final String TRUSTSTORE = "ssl.truststore.location";
  private static final String KEYSTORE = "ssl.keystore.location";

  private final Map<String, String> properties;
  private final String servers;

  /**
   * @param properties of the client
   */
  ClientProblem(Map<String, String> properties) {
    this.properties = properties;
    this.servers = properties.get(SERVERS);
  }

  private static Problem of(String property, String text) {
    return new Problem(PROPERTIES + "." + property, text, false);
  }

  /** Of a client that cannot be made: an option is wrong, or the file that it names. */
  Problem unmade(KafkaException failure) {
    Throwable cause = root(failure);
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof FileSystemException file) {
      String what =
          file instanceof NoSuchFileException
              ? "no such file"
              : file instanceof AccessDeniedException ? "no permission to read" : "cannot be read:";
      for (Map.Entry<String, String> option : properties.entrySet()) {
        if (option.getValue().equals(file.getFile())) {
          return of(option.getKey(), what + " " + message);
        }
      }
      return new Problem(PROPERTIES, what + " " + message, false);
    }
    if (cause instanceof ConfigException && message.startsWith("No resolvable bootstrap urls")) {
      return of(SERVERS, "unknown host: " + servers);
    }
    return new Problem(PROPERTIES, message, false);
  }

  /** Of a request that a broker, or another server in its place, answers with an error. */
  Problem answered(Throwable failure) {
    if (failure instanceof org.apache.kafka.common.errors.TimeoutException) {
      return silent();
    }
    String said = servers + " answered: " + failure.getMessage();
    if (failure instanceof SslAuthenticationException) {
      Throwable cause = root(failure);
      if (cause instanceof CertPathBuilderException) {
        return of(
            TRUSTSTORE,
            said + ": its certificate is not trusted; name a trust store with that of its CA");
      }
      String more = cause == failure ? "" : ": " + cause.getMessage();
      String hint =
          more.contains("alert")
              ? " (if it requires a client certificate, name it in " + KEYSTORE + ")"
              : "";
      return new Problem(PROPERTIES, said + more + hint, false);
    }
    return new Problem(PROPERTIES, said, false);
  }

  /** Of brokers that do not answer. TLS and plain text do not understand each other's requests. */
  Problem silent() {
    return of(
        SERVERS,
        "no broker answered at %s within %d s; expected brokers with security.protocol %s"
            .formatted(
                servers,
                TopicCheck.TIMEOUT_SECONDS,
                properties.getOrDefault("security.protocol", "PLAINTEXT")));
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
