package io.github.flinkrnn.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stands in for a Confluent schema registry: it only keeps schemas and numbers them from 1, in the
 * two requests of the registry's interface that Flink's format makes.
 */
final class RegistryStandIn implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern VERSIONS = Pattern.compile("/subjects/([^/]+)/versions");

  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();
  private final List<String> subjects = new ArrayList<>();

  RegistryStandIn() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/subjects/", this::register);
    server.createContext("/schemas/ids/", this::schema);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The subjects for which a schema was registered, in order. */
  synchronized List<String> subjects() {
    return List.copyOf(subjects);
  }

  /** {@code POST /subjects/SUBJECT/versions}. */
  private synchronized void register(HttpExchange exchange) throws IOException {
    Matcher versions = VERSIONS.matcher(exchange.getRequestURI().getPath());
    if (!exchange.getRequestMethod().equals("POST") || !versions.matches()) {
      answer(exchange, 404, JSON.createObjectNode().put("error_code", 404));
      return;
    }
    String schema = JSON.readTree(exchange.getRequestBody()).get("schema").asString();
    if (!schemas.contains(schema)) {
      schemas.add(schema);
    }
    if (!subjects.contains(versions.group(1))) {
      subjects.add(versions.group(1));
    }
    answer(exchange, 200, JSON.createObjectNode().put("id", schemas.indexOf(schema) + 1));
  }

  /** {@code GET /schemas/ids/ID}. */
  private synchronized void schema(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    int id = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
    answer(exchange, 200, JSON.createObjectNode().put("schema", schemas.get(id - 1)));
  }

  private static void answer(HttpExchange exchange, int status, ObjectNode body)
      throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
