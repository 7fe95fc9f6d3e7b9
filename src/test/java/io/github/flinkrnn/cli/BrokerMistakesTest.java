package io.github.flinkrnn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkrnn.kafka.SourceTopics;
import io.github.flinkrnn.kafka.TopicCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about the options of a Kafka client that do not fit the brokers. */
class BrokerMistakesTest {
  @TempDir private static Path directory;

  private static String said(String servers, String... options) {
    Map<String, String> properties = new HashMap<>(Map.of("bootstrap.servers", servers));
    for (int i = 0; i < options.length; i += 2) {
      properties.put(options[i], options[i + 1]);
    }
    TopicCheck.Problem found = TopicCheck.check(SourceTopics.of("t"), properties).orElseThrow();
    assertThat(found.onlyMissing()).isFalse();
    return found.property() + ": " + found.text();
  }

  @Test
  void aFileThatCannotBeRead() {
    String[] tls = {"security.protocol", "SSL", "ssl.truststore.location", "/no/such.pem"};
    assertThat(said("127.0.0.1:1", tls))
        .isEqualTo("properties.ssl.truststore.location: no such file /no/such.pem");
  }

  @Test
  void aHostThatDoesNotExist() {
    assertThat(said("no-such-host.invalid:9092"))
        .isEqualTo("properties.bootstrap.servers: unknown host: no-such-host.invalid:9092");
  }

  @Test
  void aCertificateThatDoesNotFit() throws Exception {
    Certificates certificates = new Certificates(directory);
    certificates.make("broker", "-ext san=ip:127.0.0.1");
    certificates.make("elsewhere", "-ext san=dns:elsewhere.example");
    String trusting = certificates.pem("broker").toString();
    try (Server broker = new Server(certificates, "broker", false)) {
      assertThat(said(broker.address(), "security.protocol", "SSL"))
          .isEqualTo(
              "properties.ssl.truststore.location: "
                  + broker.address()
                  + " answered: SSL handshake failed: its certificate is not trusted; name a trust"
                  + " store with that of its CA");
    }
    String[] trusted = {
      "security.protocol", "SSL", "ssl.truststore.type", "PEM", "ssl.truststore.location", trusting
    };
    try (Server asking = new Server(certificates, "broker", true)) {
      assertThat(said(asking.address(), trusted))
          .startsWith("properties: " + asking.address() + " answered: ")
          .endsWith(
              ": Received fatal alert: bad_certificate (if it requires a client certificate, name"
                  + " it in ssl.keystore.location)");
    }
    trusted[5] = certificates.pem("elsewhere").toString();
    try (Server elsewhere = new Server(certificates, "elsewhere", false)) {
      assertThat(said(elsewhere.address(), trusted))
          .isEqualTo(
              "properties: "
                  + elsewhere.address()
                  + " answered: SSL handshake failed: No subject alternative names matching IP"
                  + " address 127.0.0.1 found");
    }
  }

  /** Shakes hands, as a broker does before its first answer. */
  private static final class Server implements AutoCloseable {
    private final SSLServerSocket socket;
    private final Thread thread = new Thread(this::shakeHands, "broker");

    Server(Certificates certificates, String own, boolean asksClients) throws Exception {
      socket =
          (SSLServerSocket)
              certificates
                  .context(own, own)
                  .getServerSocketFactory()
                  .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
      socket.setNeedClientAuth(asksClients);
      thread.start();
    }

    String address() {
      return "127.0.0.1:" + socket.getLocalPort();
    }

    private void shakeHands() {
      while (!socket.isClosed()) {
        try (SSLSocket client = (SSLSocket) socket.accept()) {
          client.startHandshake();
        } catch (IOException e) {
          // the client refuses, or the test ends
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
