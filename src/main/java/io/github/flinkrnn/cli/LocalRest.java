package io.github.flinkrnn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.blob.TransientBlobService;
import org.apache.flink.runtime.dispatcher.DispatcherGateway;
import org.apache.flink.runtime.dispatcher.DispatcherRestEndpoint;
import org.apache.flink.runtime.leaderelection.LeaderElection;
import org.apache.flink.runtime.resourcemanager.ResourceManagerGateway;
import org.apache.flink.runtime.rest.HttpMethodWrapper;
import org.apache.flink.runtime.rest.RestEndpointFactory;
import org.apache.flink.runtime.rest.handler.RestHandlerConfiguration;
import org.apache.flink.runtime.rest.handler.RestHandlerSpecification;
import org.apache.flink.runtime.rest.handler.job.JobCancellationHandler;
import org.apache.flink.runtime.rest.handler.legacy.metrics.MetricFetcher;
import org.apache.flink.runtime.rpc.FatalErrorHandler;
import org.apache.flink.runtime.webmonitor.WebMonitorEndpoint;
import org.apache.flink.runtime.webmonitor.retriever.LeaderGatewayRetriever;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelInboundHandler;

/**
 * Flink's REST endpoint of a run in this process. The full endpoint can run any code, and every
 * user of the machine, and every page in a browser there, can reach a port of the loopback
 * interface. So this server offers no endpoint. For the Web UI it offers a read-only one, which
 * answers only the pages of the UI.
 */
enum LocalRest implements RestEndpointFactory<DispatcherGateway> {
  NONE {
    @Override
    WebMonitorEndpoint<DispatcherGateway> endpoint(Parts parts) throws Exception {
      return new Closed(parts);
    }
  },
  WEB_UI {
    @Override
    WebMonitorEndpoint<DispatcherGateway> endpoint(Parts parts) throws Exception {
      return new ReadOnly(parts);
    }
  };

  /** The parts of an endpoint. */
  private record Parts(
      LeaderGatewayRetriever<DispatcherGateway> dispatcher,
      Configuration configuration,
      RestHandlerConfiguration handlers,
      LeaderGatewayRetriever<ResourceManagerGateway> resourceManager,
      TransientBlobService blobs,
      ScheduledExecutorService executor,
      MetricFetcher metrics,
      LeaderElection election,
      FatalErrorHandler failures) {}

  abstract WebMonitorEndpoint<DispatcherGateway> endpoint(Parts parts) throws Exception;

  @Override
  public WebMonitorEndpoint<DispatcherGateway> createRestEndpoint(
      Configuration configuration,
      LeaderGatewayRetriever<DispatcherGateway> dispatcher,
      LeaderGatewayRetriever<ResourceManagerGateway> resourceManager,
      TransientBlobService blobs,
      ScheduledExecutorService executor,
      MetricFetcher metrics,
      LeaderElection election,
      FatalErrorHandler failures)
      throws Exception {
    return endpoint(
        new Parts(
            dispatcher,
            configuration,
            RestHandlerConfiguration.fromConfiguration(configuration),
            resourceManager,
            blobs,
            executor,
            metrics,
            election,
            failures));
  }

  /** Flink requires an endpoint: this one has no paths, and closes when it starts. */
  @SuppressWarnings("try") // close() may be interrupted, as the interface declares
  private static final class Closed extends WebMonitorEndpoint<DispatcherGateway> {
    Closed(Parts parts) throws Exception {
      super(
          parts.dispatcher(),
          parts.configuration(),
          parts.handlers(),
          parts.resourceManager(),
          parts.blobs(),
          parts.executor(),
          parts.metrics(),
          parts.election(),
          RestEndpointFactory.createExecutionGraphCache(parts.handlers()),
          parts.failures());
    }

    @Override
    protected List<Tuple2<RestHandlerSpecification, ChannelInboundHandler>> initializeHandlers(
        CompletableFuture<String> address) {
      return new ArrayList<>();
    }

    @Override
    public void startInternal() {
      var unused = closeAsync();
    }
  }

  /** Only GET requests that change nothing, which is enough to show a job. */
  @SuppressWarnings("try") // close() may be interrupted, as the interface declares
  private static final class ReadOnly extends DispatcherRestEndpoint {
    ReadOnly(Parts parts) throws Exception {
      super(
          parts.dispatcher(),
          parts.configuration(),
          parts.handlers(),
          parts.resourceManager(),
          parts.blobs(),
          parts.executor(),
          parts.metrics(),
          parts.election(),
          RestEndpointFactory.createExecutionGraphCache(parts.handlers()),
          parts.failures());
    }

    @Override
    protected List<Tuple2<RestHandlerSpecification, ChannelInboundHandler>> initializeHandlers(
        CompletableFuture<String> address) {
      List<Tuple2<RestHandlerSpecification, ChannelInboundHandler>> handlers = new ArrayList<>();
      for (Tuple2<RestHandlerSpecification, ChannelInboundHandler> each :
          super.initializeHandlers(address)) {
        boolean reads = each.f0.getHttpMethod() == HttpMethodWrapper.GET;
        // Cancelling is also possible by GET, for YARN's proxy.
        if (reads && !(each.f1 instanceof JobCancellationHandler)) {
          handlers.add(Tuple2.of(each.f0, new OwnPages(each.f1, responseHeaders)));
        }
      }
      return handlers;
    }
  }
}
