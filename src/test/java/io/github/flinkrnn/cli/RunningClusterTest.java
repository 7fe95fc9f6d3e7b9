package io.github.flinkrnn.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.github.flinkrnn.config.EnvironmentValues;
import io.github.flinkrnn.config.InvalidFileException;
import io.github.flinkrnn.job.JobFile;
import io.github.flinkrnn.job.JobFileReader;
import io.github.flinkrnn.job.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests to the REST interface of a cluster: by a path, over TLS, with a login. Each server that
 * is something else is one line. Servers in this JVM play the answers.
 */
class RunningClusterTest {
  private static final String OVERVIEW = "{\"flink-version\":\"2.3.0\"}";
  private static final String LOGIN = "Basic bWU6c2VudGluZWw="; // me:sentinel

  @TempDir private static Path stores;
  private static Certificates certificates;

  private final List<HttpServer> servers = new ArrayList<>();
  private final List<ServerSocket> sockets = new ArrayList<>();
  private final Map<String, String> asked = new ConcurrentHashMap<>();
  private final Map<String, String> environment = new ConcurrentHashMap<>();

  @BeforeAll
  static void makeCertificates() throws Exception {
    certificates = new Certificates(stores);
    certificates.make("here", "-ext san=ip:127.0.0.1");
    certificates.make("elsewhere", "-ext san=dns:elsewhere.example");
    certificates.make("client", "");
  }

  @AfterEach
  void stopServers() throws IOException {
    servers.forEach(server -> server.stop(0));
    for (ServerSocket socket : sockets) {
      socket.close();
    }
  }

  /** What a server answers. */
  private interface Answers {
    void to(HttpExchange exchange) throws IOException;
  }

  private static Answers answer(int status, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  private String start(HttpServer server, String scheme, Answers answers) {
    servers.add(server);
    server.createContext(
        "/",
        exchange -> {
          String login = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
          asked.put(exchange.getRequestURI().toString(), login);
          answers.to(exchange);
          exchange.close();
        });
    server.start();
    return scheme + "://127.0.0.1:" + server.getAddress().getPort();
  }

  private static InetSocketAddress free() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private String http(Answers answers) throws Exception {
    return start(HttpServer.create(free(), 0), "http", answers);
  }

  private String https(String certificate, boolean asksClients) throws Exception {
    SSLContext context = certificates.context(certificate, "client");
    HttpsServer server = HttpsServer.create(free(), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = context.getDefaultSSLParameters();
            tls.setNeedClientAuth(asksClients);
            parameters.setSSLParameters(tls);
          }
        });
    return start(server, "https", answer(200, OVERVIEW));
  }

  private static JobFile job(String... flink) {
    List<String> overrides = new ArrayList<>();
    for (String option : flink) {
      overrides.add("flink.security.ssl." + option);
    }
    return JobFileReader.read("jobs/name-tagging/job.yaml", overrides, name -> null);
  }

  private RunningCluster cluster(String url, String... flink) {
    return RunningCluster.of("--submit", url, job(flink), new EnvironmentValues(environment::get));
  }

  private String problem(String url, String... flink) {
    UsageException found =
        catchThrowableOfType(UsageException.class, () -> cluster(url, flink).expect());
    assertThat(found).as(url).isNotNull();
    String shown = url.replaceFirst("//.*@", "//").replaceFirst("/$", "");
    assertThat(found).hasMessageStartingWith("--submit " + shown + ": ").hasNoCause();
    assertThat(found.getMessage()).doesNotContain("sentinel").doesNotContain("\n");
    return found.getMessage().substring(("--submit " + shown + ": ").length());
  }

  @Test
  void asksBelowThePathWithTheLogin() throws Exception {
    String url = http(answer(200, OVERVIEW)).replace("//", "//me:sentinel@");
    cluster(url + "/flink/cluster1/").expect();
    assertThat(asked).containsEntry("/flink/cluster1/overview", LOGIN);
    cluster(url + "/flink/cluster1").post("/jobs/1/stop", "{}");
    assertThat(asked).containsEntry("/flink/cluster1/jobs/1/stop", LOGIN);
  }

  @Test
  void sendsTheHeadersThatFlinksClientSends() throws Exception {
    String url = http(answer(200, OVERVIEW));
    environment.put("FLINK_REST_CLIENT_HEADERS", "Authorization: Bearer abc\nCookie:x=y\n");
    cluster(url).expect();
    assertThat(asked).containsEntry("/overview", "Bearer abc");
    environment.put("FLINK_REST_CLIENT_HEADERS", "sentinel");
    assertThatThrownBy(() -> cluster(url))
        .isInstanceOf(UsageException.class)
        .hasMessage("FLINK_REST_CLIENT_HEADERS: expected lines of the form NAME:VALUE");
    environment.put("FLINK_REST_CLIENT_HEADERS", "Host: sentinel");
    assertThatThrownBy(() -> cluster(url))
        .hasMessage("FLINK_REST_CLIENT_HEADERS: the header Host is not possible");
  }

  @Test
  void knowsTheParallelismOfTheCluster() throws Exception {
    String url =
        http(
            answer(
                200,
                "[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"parallelism.default\",\"value\":\"3\"}]"));
    assertThat(cluster(url).parallelism()).hasValue(3);
    assertThat(cluster(http(answer(200, "[]"))).parallelism()).isEmpty();
    assertThat(cluster(http(answer(403, "{\"errors\":[]}"))).parallelism()).isEmpty();
  }

  @Test
  void whatAnotherServerAnswers() throws Exception {
    String none = http(answer(404, "<html>"));
    assertThat(problem(none + "/flink"))
        .isEqualTo(
            "found nothing at "
                + none
                + "/flink/overview (HTTP 404); expected Flink's REST"
                + " interface at that URL");
    assertThat(problem(http(answer(302, "", "Location", "https://u:sentinel@h/login"))))
        .isEqualTo(
            "found a redirect to https://…@h/login (HTTP 302); use the URL of the cluster itself");
    String moved = http(answer(301, "", "Location", "/other/overview"));
    assertThat(problem(moved))
        .startsWith("found a redirect to " + moved + "/other/overview (HTTP 301)");
    assertThat(problem(http(answer(401, "no"))))
        .isEqualTo(
            "a login is required (HTTP 401); expected a user and a password before the host");
    assertThat(problem(http(answer(401, "no")).replace("//", "//me:sentinel@")))
        .isEqualTo("the login that was sent was not accepted (HTTP 401)");
    assertThat(problem(http(answer(403, "no")))).isEqualTo("access is denied (HTTP 403)");
    assertThat(problem(http(answer(502, "no"))))
        .isEqualTo("found an error of the server or a proxy (HTTP 502)");
    for (String body : List.of("<html>", "{}", "[1]")) {
      String other = http(answer(200, body));
      assertThat(problem(other))
          .isEqualTo(
              "the server is not a Flink cluster: unexpected answer at " + other + "/overview");
    }
  }

  @Test
  void aFailureLaterIsOneLineToo() throws Exception {
    String url = http(answer(502, "<html>"));
    assertThatThrownBy(() -> cluster(url).get("/jobs/1"))
        .isInstanceOf(FailedJobException.class)
        .hasMessage("--submit " + url + ": found an error of the server or a proxy (HTTP 502)");
  }

  @Test
  void aServerThatIsNotThereOrSilent() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(problem("http://127.0.0.1:" + free)).isEqualTo("no Flink cluster answered");
    assertThat(problem("http://no-such-host.invalid"))
        .isEqualTo("no Flink cluster answered: unknown host no-such-host.invalid");
    assertThat(
            HttpProblem.of(
                URI.create("http://h"), new HttpTimeoutException("x"), Duration.ofSeconds(15)))
        .isEqualTo("no answer within 15 s");
    assertThat(
            HttpProblem.of(
                URI.create("https://h"), new HttpTimeoutException("x"), Duration.ofSeconds(15)))
        .isEqualTo("no answer within 15 s; if the server does not use TLS, use http://");
  }

  @Test
  void tlsWhereThereIsNoneAndTheReverse() throws Exception {
    byte[] badRequest = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8);
    assertThat(problem("https://" + bytes(badRequest)))
        .isEqualTo("the server does not use TLS; use http://");
    byte[] alert = {0x15, 3, 1, 0, 2, 2, 0x46}; // unexpected protocol version
    for (byte[] answer : new byte[][] {alert, {}}) {
      assertThat(problem("http://" + bytes(answer)))
          .isEqualTo(
              "the server ended the connection without an answer in HTTP; if it expects TLS, use"
                  + " https://");
    }
  }

  /** The address of a server that answers each connection with these bytes. */
  private String bytes(byte[] answer) throws IOException {
    ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    sockets.add(server);
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                  if (socket.getInputStream().read(new byte[4096]) > 0) {
                    socket.getOutputStream().write(answer);
                  }
                } catch (IOException e) {
                  // the client or the test closed it
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return "127.0.0.1:" + server.getLocalPort();
  }

  @Test
  void certificatesAreTrustedByFlinksOptions() throws Exception {
    String url = https("here", false);
    assertThat(problem(url))
        .isEqualTo(
            "its certificate is not trusted; name a trust store in flink.security.ssl.rest.truststore");
    String[] pem = {"rest.truststore=" + certificates.pem("here"), "rest.truststore-type=PEM"};
    cluster(url, pem).expect();
    Path store = certificates.make("trust", "");
    assertThat(problem(url, "truststore=" + store, "truststore-password=" + Certificates.PASSWORD))
        .startsWith("its certificate is not trusted");
  }

  @Test
  void aCertificateForAnotherHostOrTimeIsSaidAsSuch() throws Exception {
    String url = https("elsewhere", false);
    String trust = "rest.truststore=" + certificates.pem("elsewhere");
    assertThat(problem(url, trust, "rest.truststore-type=PEM"))
        .isEqualTo(
            "its certificate is for another host than 127.0.0.1: No subject alternative names"
                + " matching IP address 127.0.0.1 found");
    cluster(url, trust, "rest.truststore-type=PEM", "verify-hostname=false").expect();
    assertThat(
            HttpProblem.of(
                URI.create("https://h"),
                new IOException(new CertificateExpiredException("NotAfter: yesterday")),
                Duration.ofSeconds(15)))
        .isEqualTo("its certificate is not valid at this time: NotAfter: yesterday");
  }

  @Test
  void aClientCertificateIsSent() throws Exception {
    String url = https("here", true);
    String[] trust = {"rest.truststore=" + certificates.pem("here"), "rest.truststore-type=PEM"};
    assertThat(problem(url, trust)).contains("the server");
    cluster(
            url,
            trust[0],
            trust[1],
            "rest.keystore=" + certificates.store("client"),
            "rest.keystore-password=" + Certificates.PASSWORD)
        .expect();
  }

  @Test
  void aStoreThatCannotBeReadIsOneLine() throws Exception {
    Path file = Files.writeString(stores.resolve("text.pem"), "no certificate");
    String pem = certificates.pem("here").toString();
    assertThatThrownBy(() -> cluster("https://h", "rest.truststore=" + pem))
        .hasMessageEndingWith(
            "flink.security.ssl.rest.truststore: found PEM; set"
                + " flink.security.ssl.rest.truststore-type: PEM");
    assertThatThrownBy(() -> cluster("https://h", "keystore=" + pem, "keystore-password=x"))
        .hasMessageEndingWith(
            "flink.security.ssl.keystore: expected a store in PKCS12 or JKS, found PEM");
    assertThatThrownBy(() -> cluster("https://h", "rest.truststore=/nowhere/x.p12"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("job.yaml: flink.security.ssl.rest.truststore: cannot be read: ")
        .hasMessageContaining("/nowhere/x.p12");
    assertThatThrownBy(
            () -> cluster("https://h", "rest.truststore=" + file, "rest.truststore-type=PEM"))
        .hasMessageContaining("flink.security.ssl.rest.truststore: ");
    assertThatThrownBy(
            () ->
                cluster(
                    "https://h",
                    "keystore=" + certificates.store("client"),
                    "keystore-password=wrong"))
        .hasMessageContaining("flink.security.ssl.keystore: cannot be read: ")
        .hasMessageContaining("password");
  }
}
