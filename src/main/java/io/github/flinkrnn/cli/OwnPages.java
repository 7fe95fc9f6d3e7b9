package io.github.flinkrnn.cli;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.rest.handler.router.RoutedRequest;
import org.apache.flink.runtime.rest.handler.util.HandlerUtils;
import org.apache.flink.runtime.rest.messages.ErrorResponseBody;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;
import org.apache.flink.util.AutoCloseableAsync;

/**
 * Passes on requests of this server's own pages, not of other pages in the same browser: the Host
 * must be the loopback interface, which excludes DNS rebinding, and the Origin, if the browser
 * sends one, must be that Host.
 */
@ChannelHandler.Sharable
@SuppressWarnings("try") // close() may be interrupted, as the interface declares
final class OwnPages extends ChannelInboundHandlerAdapter implements AutoCloseableAsync {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private final ChannelInboundHandler handler;
  private final Map<String, String> responseHeaders;

  /**
   * @param handler of the requests that pass
   * @param responseHeaders of the response to the others
   */
  OwnPages(ChannelInboundHandler handler, Map<String, String> responseHeaders) {
    this.handler = handler;
    this.responseHeaders = responseHeaders;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    HttpRequest request = ((RoutedRequest<?>) message).getRequest();
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
    if (isOwn(hosts, origins)) {
      handler.channelRead(context, message);
      return;
    }
    try {
      var unused =
          HandlerUtils.sendErrorResponse(
              context,
              request,
              new ErrorResponseBody("Rejected: expected a page of this server, at its own address"),
              HttpResponseStatus.FORBIDDEN,
              responseHeaders);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Whether a request with these headers comes from a page of this server, or from no page. */
  static boolean isOwn(List<String> hosts, List<String> origins) {
    if (hosts.size() != 1 || origins.size() > 1) {
      return false;
    }
    String host = hosts.get(0).toLowerCase(Locale.ROOT);
    try {
      URI server = URI.create("http://" + host);
      return server.getHost() != null
          && LOOPBACK.contains(server.getHost())
          && server.getAuthority().equals(host)
          && server.getUserInfo() == null
          && (origins.isEmpty() || origins.get(0).equalsIgnoreCase("http://" + host));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  @SuppressWarnings("deprecation") // only in the interface, not in the class that is extended
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    handler.exceptionCaught(context, cause);
  }

  @Override
  public CompletableFuture<Void> closeAsync() {
    return handler instanceof AutoCloseableAsync closeable
        ? closeable.closeAsync()
        : CompletableFuture.completedFuture(null);
  }
}
