package io.github.flinkrnn.rig.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/**
 * Kills all TaskManagers (SIGKILL) when a checkpoint was completed and its transactions are not yet
 * committed, and starts them again when the broker has aborted these. The predictions in them are
 * lost, and the log must say so. For this fault, the job has a short time-out of transactions.
 */
final class LongDowntime implements Fault {
  private static final String TIMEOUT_MILLIS = "6000";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long POLL_NANOS = 200_000;
  private static final int TRIES = 8;
  private static final String PREFIX =
      "flink-rnn/" + FaultSuite.NAME + "/" + Topics.PREDICTIONS + "/";

  @Override
  public String name() {
    return "long-downtime";
  }

  @Override
  public String inject(Scene scene) throws IOException, InterruptedException {
    RunningJob job = scene.job();
    List<String> shortly = new ArrayList<>();
    for (String sink : List.of("sink", "dead_letters")) {
      shortly.add("--set=" + sink + ".properties.transaction.timeout.ms=" + TIMEOUT_MILLIS);
    }
    job.submit(Optional.of(job.stop()), shortly);
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", scene.cluster().kafka().address()))) {
      String lost = killAfterACheckpoint(scene, admin);
      Scene.await("end of " + lost, PATIENCE, () -> isAborted(admin, lost));
    } catch (ExecutionException e) {
      throw new IOException("the broker does not say which transactions are open", e);
    } finally {
      scene.cluster().flink().startTaskManagers();
    }
    Scene.await("running job", PATIENCE, job::runs);
    job.submit(Optional.of(job.stop()));
    return name();
  }

  /** The id of a transaction of a completed checkpoint that was not committed. */
  private static String killAfterACheckpoint(Scene scene, Admin admin)
      throws IOException, InterruptedException, ExecutionException {
    for (int i = 0; i < TRIES; i++) {
      Scene.await("running job", PATIENCE, scene.job()::runs);
      long triggered = killAtTheEndOfACheckpoint(scene);
      for (TransactionListing listing : admin.listTransactions().all().get()) {
        String id = listing.transactionalId();
        if (id.startsWith(PREFIX) && listing.state() == TransactionState.ONGOING) {
          TransactionDescription open =
              admin.describeTransactions(List.of(id)).description(id).get();
          // The transactions of the next checkpoint were begun after this one was triggered.
          if (open.transactionStartTimeMs().orElse(Long.MAX_VALUE) < triggered) {
            return id;
          }
        }
      }
      scene.cluster().flink().startTaskManagers(); // too late: all were committed
    }
    throw new IOException("all transactions were committed before the TaskManagers were killed");
  }

  /**
   * The JobManager writes the metadata of a checkpoint, then stores in ZooKeeper that it is the
   * latest, and only then lets the TaskManagers commit.
   *
   * @return when the checkpoint was triggered, in epoch milliseconds
   */
  private static long killAtTheEndOfACheckpoint(Scene scene)
      throws IOException, InterruptedException {
    Path all = scene.checkpoints().resolve(scene.job().id());
    Scene.await("checkpoint", PATIENCE, () -> latest(all) > 0);
    long next = latest(all) + 1;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    long triggered = 0;
    while (System.nanoTime() < deadline) {
      Path checkpoint = all.resolve("chk-" + next);
      if (triggered == 0 && Files.isDirectory(checkpoint)) {
        triggered = System.currentTimeMillis();
      }
      if (Files.exists(checkpoint.resolve("_metadata"))) {
        scene.cluster().flink().killTaskManagers();
        return triggered;
      }
      if (Files.isDirectory(all.resolve("chk-" + (next + 1)))) { // it was slow, or failed
        next++;
        triggered = System.currentTimeMillis();
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("no checkpoint within " + PATIENCE.toSeconds() + " s");
  }

  private static long latest(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("chk-\\d+"))
          .mapToLong(name -> Long.parseLong(name.substring("chk-".length())))
          .max()
          .orElse(-1);
    }
  }

  private static boolean isAborted(Admin admin, String id)
      throws IOException, InterruptedException {
    try {
      return admin.describeTransactions(List.of(id)).description(id).get().state()
          == TransactionState.COMPLETE_ABORT;
    } catch (ExecutionException e) {
      throw new IOException("the broker does not describe " + id, e);
    }
  }
}
